import t from 'tap';
import { UserError } from '../harness/support/errors.js';
import { paddleValues } from './paddle-values-for-tests.js';
import { parseSchedule } from './schedule.js';

for (const { section, iters, rates } of paddleValues.schedules) {
  t.test(`${JSON.stringify(section)} gives Paddle's rates`, async (t) => {
    const schedule = parseSchedule(section, iters);
    for (const [step, expected] of rates.entries()) {
      const actual = schedule(step);
      t.ok(Math.abs(actual - expected) <= 1e-12 * Math.abs(expected), `step ${step}: ${actual}, ${expected}`);
    }
  });
}

t.test('what cannot be followed is named', async (t) => {
  const refuse = (section: object, message: string) =>
    t.throws(
      () => parseSchedule(section as Record<string, unknown>, 10),
      new UserError(`Cannot read the lr_scheduler section: ${message}`),
    );
  refuse(
    { type: 'PolynomalDecay', learning_rate: 1 },
    'type is PolynomalDecay; one of PolynomialDecay, StepDecay, MultiStepDecay, ExponentialDecay, CosineAnnealingDecay, PiecewiseDecay is wanted. Did you mean PolynomialDecay?',
  );
  refuse(
    { type: 'PolynomialDecay', learning_rate: 1, warmup_iters: 2 },
    'it has warmup_iters alone; warmup_iters and warmup_start_lr are wanted together',
  );
  refuse(
    { type: 'PolynomialDecay', learning_rate: 0.1, warmup_iters: 2, warmup_start_lr: 0.1 },
    'warmup_start_lr is 0.1; less than learning_rate, 0.1, is wanted',
  );
  refuse(
    { type: 'PiecewiseDecay', boundaries: [1], values: [1] },
    'it has 1 boundaries and 1 values; one value more than boundaries is wanted',
  );
  refuse(
    { type: 'MultiStepDecay', learning_rate: 1, milestones: [4, 4] },
    'milestones has 4 after 4; ascending steps are wanted',
  );
  refuse({ type: 'StepDecay', learning_rate: 1 }, 'step_size is missing; it has no default');
  const text = 'it must be number, and this is text in YAML 1.1. Fix: write';
  refuse({ type: 'PolynomialDecay', learning_rate: '1e-3' }, `learning_rate is "1e-3"; ${text} 1.0e-3`);
  refuse({ type: 'PolynomialDecay', learning_rate: '2.5e4' }, `learning_rate is "2.5e4"; ${text} 2.5e+4`);
  refuse({ type: 'PolynomialDecay', learning_rate: 'fast' }, 'learning_rate is "fast"; it must be number');
});
