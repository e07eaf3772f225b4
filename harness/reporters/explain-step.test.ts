import t from 'tap';
import { explainRow } from './explain-step.js';
import { makeStep } from './result-for-tests.js';

const row = { gpu: '0', device: 'gpu', trainer: 'norm_train' };

t.test('a row of the GPU that ran on the processor does not read as one of the GPU', async (t) => {
  t.equal(explainRow(makeStep({ row })), 'gpu 0, norm_train, on cpu for gpu');
  t.equal(explainRow(makeStep({ row: { ...row, device: 'cpu' } })), 'gpu 0, norm_train, on cpu');
});

t.test('of a row that did not run it is said what it is for, not where it ran', async (t) => {
  t.equal(explainRow(makeStep({ row, engine: null, verdict: 'not-run' })), 'gpu 0, norm_train, for gpu');
});
