import t from 'tap';
import { UserError } from '../harness/support/errors.js';
import { type Float64Tensor, float64Tensor } from '../models/float64-for-tests.js';
import { float64TensorOperators as ops } from './float64-for-tests.js';
import { parseOptimizer } from './optimizer.js';
import { paddleValues } from './paddle-values-for-tests.js';
import { parseSchedule } from './schedule.js';
import type { Section } from './section.js';

const schedule = parseSchedule({ type: 'PolynomialDecay', learning_rate: 0.01, end_lr: 0 }, 4);

for (const { section, parameters } of paddleValues.optimizers) {
  t.test(`${JSON.stringify(section)} leads where Paddle's leads`, async (t) => {
    // Paddle keeps the rate, betas and a norm that it clips by in float32.
    const tolerance = 1e-6;
    const actual = train(section);
    for (const [name, expected] of Object.entries(parameters)) {
      const start = paddleValues.parameters[name]!;
      for (const [at, wanted] of expected.entries()) {
        const found = actual.get(name)![at]!;
        const moved = Math.abs(wanted - start[at]!);
        t.ok(Math.abs(found - wanted) <= tolerance * (moved + 1e-3), `${name}[${at}]: ${found}, ${wanted}`);
      }
    }
  });
}

t.test('a parameter is in the first group whose name is a part of its own', async (t) => {
  const { groups, groupOf } = parseOptimizer({
    type: 'AdamW',
    custom_cfg: [
      { name: 'head', lr_mult: 10 },
      { name: 'norm', weight_decay_mult: 0 },
    ],
  });
  t.strictSame(groups, [
    { name: 'head', learningRateMultiplier: 10, weightDecay: 0.01 },
    { name: 'norm', learningRateMultiplier: 1, weightDecay: 0 },
    { name: null, learningRateMultiplier: 1, weightDecay: 0.01 },
  ]);
  t.equal(groupOf('decode_head.squeeze._group_norm.weight'), 0, 'a norm of the head is in the head');
  t.equal(groupOf('backbone.patch_embed2.norm.weight'), 1);
  t.equal(groupOf('backbone.patch_embed1.proj.1.weight'), 2, "the stem's norm has no norm in its name");
});

t.test('what cannot be followed is named', async (t) => {
  const refuse = (section: Section, message: string) =>
    t.throws(() => parseOptimizer(section), new UserError(`Cannot read the optimizer section: ${message}`));
  refuse({ type: 'AdamX' }, 'type is AdamX; one of AdamW, Adam, Momentum, SGD is wanted. Did you mean AdamW?');
  refuse(
    { type: 'AdamW', weight_decya: 1 },
    'weight_decya is not a key that is known here; the keys are type, weight_decay, grad_clip_cfg, custom_cfg, beta1, beta2, epsilon, lazy_mode. Did you mean weight_decay?',
  );
  refuse(
    { type: 'SGD', custom_cfg: [{ name: 'head', lr_mul: 10 }] },
    'custom_cfg.0.lr_mul is not a key that is known here; the keys are name, lr_mult, weight_decay_mult. Did you mean lr_mult?',
  );
  refuse({ type: 'AdamW', weight_decay: null }, 'weight_decay is null; it must be number');
  refuse(
    { type: 'SGD', grad_clip_cfg: { name: 'ClipGradByNorms', clip_norm: 1 } },
    'grad_clip_cfg.type is ClipGradByNorms; one of ClipGradByValue, ClipGradByNorm, ClipGradByGlobalNorm is wanted. Did you mean ClipGradByNorm?',
  );
});

function train(section: Section): ReadonlyMap<string, Float64Array> {
  const { rule, clip, groups, groupOf } = parseOptimizer(section);
  const vector = (values: readonly number[]) => float64Tensor([values.length], (at) => values[at]!);
  const state = new Map<string, Float64Tensor>();
  const slots = new Map<string, Record<string, Float64Tensor>>();
  for (const [name, values] of Object.entries(paddleValues.parameters)) {
    state.set(name, vector(values));
    slots.set(name, Object.fromEntries(rule.slots.map((slot) => [slot, vector(values.map(() => 0))])));
  }
  for (const [at, gradients] of paddleValues.gradients.entries()) {
    for (const [index, group] of groups.entries()) {
      const names = Object.keys(gradients).filter((name) => groupOf(name) === index);
      const plain = names.map((name) => vector(gradients[name]!));
      const clipped = clip === null ? plain : clip(ops, plain);
      const figures = rule.figures(at + 1, schedule(at) * group.learningRateMultiplier, group.weightDecay);
      const scalars = Object.fromEntries(Object.entries(figures).map(([name, figure]) => [name, ops.scalar(figure)]));
      for (const [place, name] of names.entries()) {
        const before = { parameter: state.get(name)!, gradient: clipped[place]!, slots: slots.get(name)! };
        const after = rule.update(ops, before, scalars);
        state.set(name, after.parameter);
        slots.set(name, { ...after.slots });
      }
    }
  }
  return new Map([...state].map(([name, { data }]) => [name, data]));
}
