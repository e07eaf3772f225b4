import t from 'tap';
import { findEngine } from '../../../harness/setup/engines.js';
import { parseLoss } from '../../../training/loss.js';
import { onnxruntimeNode } from '../engine.js';
import { measureGradientErrors } from '../gradients/check-for-tests.js';
import { lossOperators } from './loss-operators.js';

const classes = 4;
/** 255 is ignored. */
const labels = [0, 1, 2, 3, 255, 1, 2, 2, 0, 3, 3, 255];

const losses: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'cross entropy': { type: 'CrossEntropyLoss' },
  'cross entropy over all pixels': { type: 'CrossEntropyLoss', avg_non_ignore: false },
  'cross entropy with class weights': { type: 'CrossEntropyLoss', weight: [1, 2, 0.5, 3] },
  'cross entropy of the worst half': { type: 'CrossEntropyLoss', top_k_percent_pixels: 0.5 },
  'OHEM cross entropy': { type: 'OhemCrossEntropyLoss', thresh: 0.3, min_kept: 5 },
  dice: { type: 'DiceLoss' },
  mixed: { type: 'MixedLoss', losses: [{ type: 'CrossEntropyLoss' }, { type: 'DiceLoss' }], coef: [0.7, 0.3] },
};

/**
 * Whether a step of the finite differences, 1e-5, leaves each pixel on its side of every threshold: OHEM's 0.3, and the
 * last of the worst pixels. The loss jumps where a pixel changes sides. A probability changes by at most a quarter of
 * the step.
 */
function keepsItsPixels(logits: Float64Array): boolean {
  const thresholds = [0.3];
  for (const [pixel, label] of labels.entries()) {
    if (label === 255) continue;
    const powers = [...logits.subarray(pixel * classes, (pixel + 1) * classes)].map(Math.exp);
    const own = powers[label]! / powers.reduce((sum, power) => sum + power, 0);
    if (thresholds.some((threshold) => Math.abs(own - threshold) < 1e-4)) return false;
    thresholds.push(own);
  }
  return true;
}

t.test('gradients of losses by the logits', async (t) => {
  if (findEngine(onnxruntimeNode) === null) {
    t.comment('not run: onnxruntime-node is not prepared; npx tipcheck prepare --port ort');
    return;
  }
  const drawn = (Date.now() % 2 ** 31) | 1;
  t.comment(`seed ${drawn}`);
  // OHEM's kept pixels change within a step around the first draw of 767762909.
  const cases = [drawn, 767762909].flatMap((seed) => Object.entries(losses).map((one) => [seed, ...one] as const));
  for (const [seed, name, section] of cases) {
    const loss = parseLoss({ types: [section], coef: [2] });
    const errors = await measureGradientErrors({
      seed,
      smoothAt: ([logits]) => keepsItsPixels(logits!),
      shapes: [[2, 6, classes]],
      build(tape, [logits]) {
        const numbers = tape.emitter.table('labels', [2, 6], () => Float32Array.from(labels));
        return loss.total(lossOperators(tape), logits!, numbers);
      },
    });
    t.ok(errors.rule <= 2e-6, `${name} agrees with finite differences in float64: ${errors.rule}`);
    t.ok(errors.runtime <= 2e-5, `${name} agrees in ONNX Runtime: ${errors.runtime}`);
  }
});
