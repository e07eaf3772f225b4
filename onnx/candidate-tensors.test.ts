import t from 'tap';
import { listCandidates } from './candidate-tensors.js';

t.test('what comes from an input and leads to an output may be a probe, in the order of the file', async (t) => {
  const found = listCandidates({
    input: [{ name: 'x' }, { name: 'w' }],
    initializer: [{ name: 'w' }],
    node: [
      { opType: 'Relu', input: ['x'], output: ['a'] },
      { opType: 'Exp', input: ['w'], output: ['constant'] },
      { opType: 'Mul', input: ['a', 'constant'], output: ['b', ''] },
      { opType: 'Neg', input: ['a'], output: ['dead'] },
      { opType: 'SplitToSequence', input: ['b'], output: ['sequence'] },
      { opType: 'SequenceAt', input: ['sequence'], output: ['c'] },
      { opType: 'Loop', attribute: [{ name: 'body', g: { node: [{ input: ['b'], output: ['i'] }] } }], output: ['d'] },
      { opType: 'Add', input: ['c', 'd'], output: ['y'] },
    ],
    output: [{ name: 'y' }],
  });
  t.strictSame(found, ['a', 'b', 'y']);
});
