import { elementCount } from '../../harness/contract/nd-array.js';
import { UserError } from '../../harness/support/errors.js';
import { meanOfAll } from '../reduce.js';
import type { TensorOperators } from '../tensor-operators.js';
import type { Loss } from './loss.js';
import { pixelLoss, validPixels } from './pixel-loss.js';

export interface CrossEntropyOptions {
  /** One factor a class, or null. */
  readonly weight: readonly number[] | null;
  readonly ignore_index: number;
  readonly top_k_percent_pixels: number;
  readonly avg_non_ignore: boolean;
}

/**
 * mean(loss) / (mean(weights of the pixels that count) + 1e-8), over all pixels or over those with the largest loss.
 * Source: `CrossEntropyLoss` in models/losses/cross_entropy_loss.py.
 * Differs: with class weights and avg_non_ignore off the reference fails on an ignored pixel; here its weight is 0.
 */
export function crossEntropy(options: CrossEntropyOptions): Loss {
  return {
    evaluate(ops, logits, labels) {
      const losses = weightedLosses(ops, logits, labels, options);
      const weights = pixelWeights(ops, logits, labels, options);
      const count = Math.trunc(options.top_k_percent_pixels * elementCount(ops.shape(labels)));
      if (options.top_k_percent_pixels === 1) return { terms: [average(ops, losses.masked, weights.masked)], labels };
      const [flatLosses, flatWeights] = [losses.masked, weights.plain].map((x) => ops.reshape(x, [-1])) as [
        (typeof losses)['masked'],
        (typeof losses)['masked'],
      ];
      const places = ops.largest(flatLosses, count);
      return { terms: [average(ops, ops.gather(flatLosses, places), ops.gather(flatWeights, places))], labels };
    },
  };
}

/** `self.EPS` of the reference. */
const epsilon = 1e-8;

function average<T>(ops: TensorOperators<T>, losses: T, weights: T): T {
  return ops.div(meanOfAll(ops, losses), ops.add(meanOfAll(ops, weights), ops.scalar(epsilon)));
}

function weightedLosses<T>(ops: TensorOperators<T>, logits: T, labels: T, options: CrossEntropyOptions): { masked: T } {
  const losses = pixelLoss(ops, logits, labels, options.ignore_index);
  if (options.weight === null) return { masked: losses };
  return { masked: ops.mul(losses, classWeights(ops, logits, labels, options.weight)) };
}

/**
 * `plain` counts an ignored pixel as class 0 (or 1 without class weights), as the reference does among the top pixels.
 */
function pixelWeights<T>(
  ops: TensorOperators<T>,
  logits: T,
  labels: T,
  { weight, ignore_index, avg_non_ignore }: CrossEntropyOptions,
): { plain: T; masked: T } {
  const valid = validPixels(ops, labels, ignore_index);
  const ones = ops.add(ops.mul(valid, ops.scalar(0)), ops.scalar(1));
  const mask = avg_non_ignore ? valid : ones;
  if (weight === null) return { plain: ones, masked: mask };
  const counted = avg_non_ignore ? ops.replaceLabel(labels, ignore_index, 0) : labels;
  const plain = classWeights(ops, logits, counted, weight);
  return { plain, masked: ops.mul(mask, plain) };
}

function classWeights<T>(ops: TensorOperators<T>, logits: T, labels: T, weight: readonly number[]): T {
  const classes = ops.shape(logits).at(-1)!;
  if (weight.length !== classes) {
    throw new UserError(
      `Cannot use the loss CrossEntropyLoss: weight has ${weight.length} entries; ${classes}, one for each class, are wanted`,
    );
  }
  return ops.sumLast(ops.mul(ops.oneHot(labels, classes), ops.vector(weight)));
}
