import type { TensorOperators } from '../tensor-operators.js';

/** −log p of each pixel's own class, 0 where the label is ignored. Shapes: [b, n, c], [b, n] → [b, n]. */
export function pixelLoss<T>(ops: TensorOperators<T>, logits: T, labels: T, ignoreIndex: number): T {
  const classes = ops.shape(logits).at(-1)!;
  const picked = ops.sumLast(ops.mul(ops.logSoftmax(logits), ops.oneHot(labels, classes)));
  return ops.sub(ops.scalar(0), ops.mul(picked, validPixels(ops, labels, ignoreIndex)));
}

/** 1 where the label counts, 0 where it is ignored. */
export function validPixels<T>(ops: TensorOperators<T>, labels: T, ignoreIndex: number): T {
  return ops.sub(ops.scalar(1), ops.isLabel(labels, ignoreIndex));
}
