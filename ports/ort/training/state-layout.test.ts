import t from 'tap';
import { planState } from './state-layout.js';

const optimizer = { groupOf: (name: string) => (name.includes('head') ? 0 : 1) };
const isTrained = (name: string) => !name.startsWith('_');

t.test('tensors of a group follow each other; statistics and large tensors lie apart', async (t) => {
  const layout = planState(
    new Map([
      ['a', [2, 3]],
      ['_mean', [4]],
      ['head.b', [5]],
      ['c', [7]],
      ['large', [2 ** 17]],
    ]),
    isTrained,
    optimizer,
  );
  t.match(layout.find('a'), { start: 0, shape: [2, 3] });
  t.match(layout.find('c'), { chunk: layout.find('a').chunk, start: 6 });
  t.equal(new Set(['a', '_mean', 'head.b', 'large'].map((name) => layout.find(name).chunk)).size, 4);
  t.same(
    layout.chunks.map(({ group, length }) => [group, length]),
    [
      [1, 13],
      [null, 4],
      [0, 5],
      [1, 2 ** 17],
    ],
  );
});

t.test('a name that the model does not have is refused', async (t) => {
  const layout = planState(new Map([['a', [1]]]), isTrained, optimizer);
  t.throws(() => layout.find('b'), { message: 'the model asks for b, which its own list of parameters lacks' });
});
