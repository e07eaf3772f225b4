import { elementCount } from '../../harness/contract/nd-array.js';
import { meanOfAll, sumOfAll } from '../reduce.js';
import type { TensorOperators } from '../tensor-operators.js';
import type { Loss } from './loss.js';
import { pixelLoss, validPixels } from './pixel-loss.js';

export interface OhemOptions {
  readonly thresh: number;
  readonly min_kept: number;
  readonly ignore_index: number;
}

/**
 * Cross entropy over the pixels whose own class is least likely: those below `thresh`, and at least `min_kept`.
 * Source: `OhemCrossEntropyLoss` in models/losses/ohem_cross_entropy_loss.py; its kept pixels are `prob < threshold`,
 * so that the one at the threshold itself is left out.
 */
export function ohemCrossEntropy(options: OhemOptions): Loss {
  return {
    evaluate(ops, logits, labels) {
      const valid = validPixels(ops, labels, options.ignore_index);
      const kept = options.min_kept > 0 ? keptPixels(ops, logits, labels, valid, options) : valid;
      const losses = ops.mul(pixelLoss(ops, logits, labels, options.ignore_index), kept);
      const share = ops.add(meanOfAll(ops, kept), ops.scalar(epsilon));
      return { terms: [ops.div(meanOfAll(ops, losses), share)], labels };
    },
  };
}

/** `self.EPS` of the reference. */
const epsilon = 1e-5;

/** 1 where a pixel counts and is kept. If at most `min_kept` pixels count, all of them are kept. */
function keptPixels<T>(ops: TensorOperators<T>, logits: T, labels: T, valid: T, options: OhemOptions): T {
  const { thresh, min_kept, ignore_index } = options;
  const classes = ops.shape(logits).at(-1)!;
  // An ignored pixel counts as class 0, and 1 is added to its probability, so that it is never among the least likely.
  const own = ops.sumLast(ops.mul(ops.softmax(logits), ops.oneHot(ops.replaceLabel(labels, ignore_index, 0), classes)));
  const likely = ops.add(own, ops.sub(ops.scalar(1), valid));
  const flat = ops.reshape(likely, [-1]);
  const rank = Math.min(elementCount(ops.shape(labels)), min_kept);
  const ascending = ops.gather(flat, ops.largest(ops.sub(ops.scalar(0), flat), rank));
  const threshold = ops.maximum(ops.scalar(thresh), lastOf(ops, ascending, rank));
  const below = ops.less(likely, threshold);
  const pruned = ops.less(ops.scalar(min_kept), sumOfAll(ops, valid));
  return ops.mul(valid, ops.maximum(below, ops.sub(ops.scalar(1), pruned)));
}

/** The largest of an ascending list. */
function lastOf<T>(ops: TensorOperators<T>, ascending: T, count: number): T {
  const place = Array.from({ length: count }, (_, at) => (at === count - 1 ? 1 : 0));
  return ops.sumLast(ops.mul(ascending, ops.vector(place)));
}
