/**
 * Losses, optimisers and gradient clipping are written against these operators, once for all engines. An eager engine
 * executes them, a graph builder adds a node. Shapes are known. Binary operators broadcast as NumPy does. An operator
 * has a gradient unless it says otherwise.
 */
export interface TensorOperators<T> {
  shape(x: T): readonly number[];
  scalar(value: number): T; // []
  vector(values: readonly number[]): T; // [n]

  add(a: T, b: T): T;
  sub(a: T, b: T): T;
  mul(a: T, b: T): T;
  div(a: T, b: T): T;
  maximum(a: T, b: T): T;
  minimum(a: T, b: T): T;
  sqrt(x: T): T;

  /** Over the last axis. */
  softmax(x: T): T;
  logSoftmax(x: T): T;
  /** [..., n] → [...] */
  sumLast(x: T): T;
  reshape(x: T, shape: readonly number[]): T;
  /** [b, m, n] → [b, n, m] */
  swapLast(x: T): T;
  /** The elements of x [n] at `indices` [k]. */
  gather(x: T, indices: T): T;

  /**
   * Class numbers [...] as [..., classes], 1 at the class and 0 elsewhere; nothing but 0 for a number out of range. No
   * gradient.
   */
  oneHot(labels: T, classes: number): T;
  /** 1 where a class number is `label`, 0 elsewhere. No gradient. */
  isLabel(labels: T, label: number): T;
  /** Class numbers with `to` in place of `from`. */
  replaceLabel(labels: T, from: number, to: number): T;
  /** 1 where a < b, 0 elsewhere. No gradient. */
  less(a: T, b: T): T;
  /** The places of the k largest of x [n], the largest first. No gradient. */
  largest(x: T, k: number): T;
}
