import { UserError } from '../../harness/support/errors.js';
import { meanOfAll, sumLastInStages } from '../reduce.js';
import type { TensorOperators } from '../tensor-operators.js';
import type { Loss } from './loss.js';
import { validPixels } from './pixel-loss.js';

export interface DiceOptions {
  readonly weight: readonly number[] | null;
  readonly ignore_index: number;
  readonly smooth: number;
}

/**
 * 1 − (2·I + smooth) / (card + smooth + 1e-8) for each class and image, then the weighted mean.
 * Source: `DiceLoss` in models/losses/dice_loss.py. It overwrites the ignored labels by 0 in place, so that a loss
 * after it in a MixedLoss counts those pixels as class 0; so do the labels that leave here.
 */
export function dice({ weight, ignore_index, smooth }: DiceOptions): Loss {
  return {
    evaluate(ops, logits, labels) {
      const [, pixels, classes] = ops.shape(logits) as [number, number, number];
      validateWeight(weight, classes);
      const mask = ops.reshape(validPixels(ops, labels, ignore_index), [-1, pixels, 1]);
      const counted = ops.replaceLabel(labels, ignore_index, 0);
      const targets = perClass(ops, ops.mul(ops.oneHot(counted, classes), mask));
      const probabilities = perClass(ops, ops.mul(ops.softmax(logits), mask));
      const shared = sumLastInStages(ops, ops.mul(probabilities, targets)); // [b, c]
      const all = sumLastInStages(ops, ops.add(probabilities, targets));
      const numerator = ops.add(ops.mul(shared, ops.scalar(2)), ops.scalar(smooth));
      const fractions = ops.div(numerator, ops.add(all, ops.scalar(smooth + epsilon)));
      const losses = ops.sub(ops.scalar(1), fractions);
      const weighted = weight === null ? losses : ops.mul(losses, ops.vector(weight));
      return { terms: [meanOfAll(ops, weighted)], labels: counted };
    },
  };
}

/** `self.eps` of the reference. */
const epsilon = 1e-8;

/** Shapes: [b, n, c] → [b, c, n]. */
function perClass<T>(ops: TensorOperators<T>, x: T): T {
  return ops.swapLast(x);
}

function validateWeight(weight: readonly number[] | null, classes: number): void {
  if (weight === null || weight.length === classes) return;
  throw new UserError(
    `Cannot use the loss DiceLoss: weight has ${weight.length} entries; ${classes}, one for each class, are wanted`,
  );
}
