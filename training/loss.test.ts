import t from 'tap';
import { UserError } from '../harness/support/errors.js';
import { type Float64Tensor, float64Tensor } from '../models/float64-for-tests.js';
import { float64TensorOperators as ops } from './float64-for-tests.js';
import { parseLoss } from './loss.js';
import { paddleValues } from './paddle-values-for-tests.js';
import type { Section } from './section.js';
import { validateLabels } from './validate-labels.js';

const [b, c, h, w] = paddleValues.shape;
const n = h * w;
const labels = float64Tensor([b, n], (at) => paddleValues.label[at]!);
/** [b, c, h, w] → [b, h·w, c] */
const tokensOf = (logits: readonly number[]): Float64Tensor =>
  float64Tensor([b, n, c], (at) => logits[(Math.floor(at / (n * c)) * c + (at % c)) * n + (Math.floor(at / c) % n)]!);

for (const { section, value, gradient } of paddleValues.losses) {
  t.test(`${JSON.stringify(section)} has Paddle's value and gradient`, async (t) => {
    const loss = parseLoss({ types: [section], coef: [1] });
    const total = (logits: readonly number[]) => loss.total(ops, tokensOf(logits), labels).data[0]!;
    const actual = total(paddleValues.logits);
    // Paddle takes some means of masks and weights in float32.
    t.ok(Math.abs(actual - value) <= 1e-7 * value, `${actual}, ${value}`);
    const step = 1e-5;
    for (const [at, expected] of gradient.entries()) {
      const moved = (by: number) => total(paddleValues.logits.map((logit, i) => (i === at ? logit + by : logit)));
      const slope = (moved(step) - moved(-step)) / (2 * step);
      t.ok(Math.abs(slope - expected) <= 1e-7, `by logit ${at}: ${slope}, ${expected}`);
    }
  });
}

t.test('the coefficient scales the loss', async (t) => {
  const loss = (coef: number) => parseLoss({ types: [{ type: 'CrossEntropyLoss' }], coef: [coef] });
  const value = (coef: number) => loss(coef).total(ops, tokensOf(paddleValues.logits), labels).data[0]!;
  t.equal(value(0.4), 0.4 * value(1));
});

t.test('what cannot be followed is named', async (t) => {
  const refuse = (section: Section, message: string) =>
    t.throws(() => parseLoss(section), new UserError(`Cannot read the loss section: ${message}`));
  const entropy = { type: 'CrossEntropyLoss' };
  refuse(
    { types: [entropy, entropy], coef: [1, 0.4] },
    'it has 2 types and 2 coef; one of each is wanted, since the network has one output',
  );
  refuse({ types: [entropy] }, 'coef is missing; it has no default');
  refuse(
    { types: [{ type: 'CrossEntropyLos' }], coef: [1] },
    'types.0.type is CrossEntropyLos; one of CrossEntropyLoss, OhemCrossEntropyLoss, DiceLoss, MixedLoss is wanted. Did you mean CrossEntropyLoss?',
  );
  refuse(
    { types: [{ ...entropy, ignore_idx: 0 }], coef: [1] },
    'types.0.ignore_idx is not a key that is known here; the keys are type, weight, ignore_index, top_k_percent_pixels, avg_non_ignore, data_format. Did you mean ignore_index?',
  );
  refuse(
    { types: [{ type: 'MixedLoss', losses: [entropy], coef: [1, 2] }], coef: [1] },
    'types.0 has 1 losses and 2 coef; one coef for each loss is wanted',
  );
});

t.test('class weights of another number of classes are refused', async (t) => {
  const loss = parseLoss({ types: [{ type: 'CrossEntropyLoss', weight: [1, 2] }], coef: [1] });
  t.throws(
    () => loss.total(ops, tokensOf(paddleValues.logits), labels),
    new UserError('Cannot use the loss CrossEntropyLoss: weight has 2 entries; 3, one for each class, are wanted'),
  );
});

t.test('a class number that the network lacks is named with its place', async (t) => {
  const label = { dtype: 'i8', shape: [2, 2, 3], data: BigInt64Array.from({ length: 12 }, () => 255n) } as const;
  validateLabels(label, 3, 255);
  label.data[10] = 3n;
  t.throws(
    () => validateLabels(label, 3, 255),
    new UserError(
      'Cannot train on the labels: image 1 has 3 in row 1, column 1; 0 to 2, or 255 for a pixel that is ignored, is wanted',
    ),
  );
});
