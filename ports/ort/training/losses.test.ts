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

t.test('gradients of losses by the logits', async (t) => {
  if (findEngine(onnxruntimeNode) === null) {
    t.comment('not run: onnxruntime-node is not prepared; npx tipcheck prepare --port ort');
    return;
  }
  const seed = (Date.now() % 2 ** 31) | 1;
  t.comment(`seed ${seed}`);
  for (const [name, section] of Object.entries(losses)) {
    const loss = parseLoss({ types: [section], coef: [2] });
    const errors = await measureGradientErrors({
      seed,
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
