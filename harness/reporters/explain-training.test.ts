import t from 'tap';
import type { CaseResult, Measurement } from '../result.js';
import { explainTraining } from './explain-training.js';

const hints: readonly (readonly [failing: readonly string[], hint: RegExp])[] = [
  [['lr/0'], /^The schedule is at fault/],
  [['loss/0', 'grads/a'], /^The forward of training is at fault/],
  [['loss/1', 'grads/a'], /^The first loss agrees and the first gradients do not/],
  [['loss/1', 'params/a'], /^The first loss and its gradients agree, so the update is at fault/],
  [
    ['grads/a', 'params/a'],
    /^The first loss agrees, so the way back is at fault\. .+ this is the last that is wrong, the nearest to the loss/,
  ],
  [['params/a'], /^The gradients agree, so the update is at fault/],
  [['buffers/a._mean'], /^The parameters agree, so the running statistics are kept otherwise/],
];
for (const [failing, hint] of hints) {
  t.test(`${failing.join(' and ')} point where the fault can be`, async (t) => {
    const names = ['lr/0', 'loss/0', 'loss/1', 'grads/a', 'params/a', 'buffers/a._mean'];
    const measurements = names.map((name) => measured(name, failing.includes(name)));
    const first = measurements.find(({ verdict }) => verdict === 'fail')!;
    t.match(explainTraining({ measurements } as unknown as CaseResult, first), hint);
  });
}

function measured(name: string, fails: boolean): Measurement {
  return {
    name,
    verdict: fails ? 'fail' : 'pass',
    reason: null,
    shape: [1],
    compared: 1,
    sampled: false,
    relRms: 0,
    maxOverRms: 0,
    noiseRatio: 0,
    maxRatio: 0,
    own: null,
  };
}
