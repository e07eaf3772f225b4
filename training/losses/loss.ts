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
  /** Scalars that are to be added; one but for MixedLoss. */
  readonly terms: readonly T[];
  /** The labels as a loss that follows sees them. */
  readonly labels: T;
}
