import { expectShape, type Shape } from '../shapes.js';

/**
 * Shapes: [b, m, m] → the same. Throws where x has another size.
 * Range: x symmetric, its eigenvalues from 0 to m, as AᵀA has them where A has m columns of length 1 at most. ridge is
 * above 0.
 * Source: `compute_coef` of CD2D in hamburger/ham.py (Gsunshine/Enjoy-Hamburger).
 */
export interface RidgeInverse<T> {
  /** (x + ridge · I)⁻¹ of matrices of `size` rows and columns. */
  ridgeInverse(x: T, options: { size: number; ridge: number }): T;
}

declare module '../operators.js' {
  interface Operators<T> extends RidgeInverse<T> {}
}

export const shapes = (): RidgeInverse<Shape> => ({
  ridgeInverse(x, { size }) {
    expectShape(x.slice(1), [size, size], 'what is inverted');
    return x;
  },
});

/** What an engine computes with. */
export interface MatrixArithmetic<T> {
  product(a: T, b: T): T;
  add(a: T, b: T): T;
  subtract(a: T, b: T): T;
  scale(x: T, by: number): T;
  /** `value` on the diagonal of [size, size], 0 elsewhere. */
  diagonal(value: number): T;
}

/**
 * ridgeInverse by products of matrices alone, which every engine has: Y ← Y + Y·(I − A·Y) squares the error I − A·Y in
 * each step (Schulz 1933). Y begins as 2 / (m + 2 ridge) · I. The error is then at most m / (m + 2 ridge), since A's
 * eigenvalues lie from ridge to m + ridge; after k steps it is that to the power 2ᵏ, which must be below 2⁻²⁴.
 */
export function invertByProducts<T>(
  { product, add, subtract, scale, diagonal }: MatrixArithmetic<T>,
  x: T,
  { size, ridge }: { size: number; ridge: number },
): T {
  const a = add(x, diagonal(ridge));
  const identity = diagonal(1);
  const start = 2 / (size + 2 * ridge);
  let y = subtract(diagonal(2 * start), scale(a, start ** 2)); // the first step, whose products are scalings
  for (let step = 1; step < countSteps(size, ridge); step++) y = add(y, product(y, subtract(identity, product(a, y))));
  return y;
}

/** ln(2²⁴) / −ln(m / (m + 2 ridge)), rounded up to a power of 2: its exponent. */
function countSteps(size: number, ridge: number): number {
  return Math.ceil(Math.log2((24 * Math.LN2) / Math.log1p((2 * ridge) / size)));
}
