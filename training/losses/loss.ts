import type { TensorOperators } from '../tensor-operators.js';

/** A loss of PaddleSeg. */
export interface Loss {
  /**
   * @param logits [b, n, c]: the class scores of each of n pixels
   * @param labels [b, n]: class numbers
   */
  evaluate<T>(ops: TensorOperators<T>, logits: T, labels: T): Evaluated<T>;
}

export interface Evaluated<T> {
  /** Scalars to add up: one, or several for MixedLoss. */
  readonly terms: readonly T[];
  /** The labels that the next loss sees. */
  readonly labels: T;
}
