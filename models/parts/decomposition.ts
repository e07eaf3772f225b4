import type { Operators } from '../operators.js';

/** Source: `_MatrixDecomposition2DBase.__init__` in models/layers/nmf_2d.py. ETA and MD_D have no effect there. */
export interface DecompositionSize {
  /** MD_S: the channels are split into this many groups. */
  readonly splits: number;
  /** MD_R: the columns of a basis. */
  readonly rank: number;
  /** SPATIAL: a basis has a row per channel of a group; else one per position of the map. */
  readonly spatial: boolean;
  readonly trainSteps: number;
  readonly evalSteps: number;
}

/** How a map becomes one of low rank: NMF of PaddleSeg, VQ or CD of Hamburger. */
export interface Decomposition extends DecompositionSize {
  /** What bases are drawn from on every forward; `kept`: they are the buffer `bases`. */
  readonly bases: 'uniform' | 'normal' | 'kept';
  /** Whether a ReLU stands before it. */
  readonly rectified: boolean;
  /** @param bases the first ones, columns of length 1 */
  factorise<T>(ops: Operators<T>, x: Matrix<T>, bases: T, steps: number): Factors<T>;
}

/** X [d, n], or its transpose: tokens are [n, d] when SPATIAL is true. */
export interface Matrix<T> {
  readonly value: T;
  readonly transposed: boolean;
}

/** X ≈ D·Cᵀ */
export interface Factors<T> {
  readonly bases: T; // [b·s, d, r]
  readonly coefficients: T; // [b·s, n, r]
}

/**
 * A feature map in its approximation of low rank, X ≈ D·Cᵀ, with X [d, n], D [d, r], C [n, r].
 * Shapes: [b, c, h, w] → the same. Range: x ≥ 0 if it is rectified.
 * Source: `_MatrixDecomposition2DBase.forward` in models/layers/nmf_2d.py.
 */
export function decompose<T>(ops: Operators<T>, x: T, name: string, decomposition: Decomposition): T {
  const { splits, spatial, trainSteps, evalSteps } = decomposition;
  return ops.scope(() => {
    const data: Matrix<T> = { value: ops.toTokens(x, splits), transposed: spatial };
    const steps = ops.training === undefined ? evalSteps : trainSteps;
    const first = firstBases(ops, x, name, decomposition);
    const { bases, coefficients } = decomposition.factorise(ops, data, first, steps);
    const product = spatial
      ? ops.matMul(coefficients, bases, { transposeB: true })
      : ops.matMul(bases, coefficients, { transposeB: true });
    return ops.fromTokens(product, x, splits);
  });
}

/** XᵀD: [b·s, n, r] */
export function timesBases<T>(ops: Operators<T>, x: Matrix<T>, bases: T): T {
  return ops.matMul(x.value, bases, { transposeA: !x.transposed });
}

/** XC: [b·s, d, r] */
export function timesCoefficients<T>(ops: Operators<T>, x: Matrix<T>, coefficients: T): T {
  return ops.matMul(x.value, coefficients, { transposeA: x.transposed });
}

/** Of paddle.nn.functional.normalize. */
export const normEpsilon = 1e-12;

function firstBases<T>(ops: Operators<T>, x: T, name: string, { bases }: Decomposition): T {
  if (bases !== 'kept') return ops.l2Normalize(ops.draw(`${name}.bases`), { axis: 1, epsilon: normEpsilon });
  // The buffer holds normalised bases [s, d, r]. The reference repeats each entry in place, though it orders X by batch
  // first.
  return ops.repeatForBatch(ops.buffer(`${name}.bases`), x);
}
