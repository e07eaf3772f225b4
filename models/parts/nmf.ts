import type { Operators } from '../operators.js';

/**
 * Source: `_MatrixDecomposition2DBase.__init__` in models/layers/nmf_2d.py. INV_T, ETA and MD_D have no effect there.
 */
export interface NmfConfig {
  /** MD_S: the channels are split into this many groups. */
  readonly splits: number;
  /** MD_R: the columns of a basis. */
  readonly rank: number;
  /** SPATIAL: a basis has a row per channel of a group; else one per position of the map. */
  readonly spatial: boolean;
  readonly trainSteps: number;
  readonly evalSteps: number;
  /** RAND_INIT: bases are drawn on every forward; else they are the buffer `bases`. */
  readonly randomBases: boolean;
}

/**
 * A feature map in its approximation of low rank, by multiplicative updates of X ≈ D·Cᵀ, with X [d, n], D [d, r], C [n,
 * r].
 * Shapes: [b, c, h, w] → the same. Range: x ≥ 0.
 * Source: `NMF2D` in models/layers/nmf_2d.py, with its temperature of 1 whatever INV_T says.
 */
export function nmf<T>(ops: Operators<T>, x: T, name: string, config: NmfConfig): T {
  return ops.scope(() => {
    const tokens = ops.toTokens(x, config.splits);
    const data: Matrix<T> = { value: tokens, transposed: config.spatial };
    const steps = ops.training === undefined ? config.evalSteps : config.trainSteps;
    const { bases, coefficients } = decompose(ops, data, initialBases(ops, x, name, config), steps);
    const product = config.spatial
      ? ops.matMul(coefficients, bases, { transposeB: true })
      : ops.matMul(bases, coefficients, { transposeB: true });
    return ops.fromTokens(product, x, config.splits);
  });
}

/** The epsilon of every update in nmf_2d.py. */
const updateEpsilon = 1e-6;
/** Of paddle.nn.functional.normalize. */
const normEpsilon = 1e-12;

/** X [d, n], or its transpose: tokens are [n, d] when SPATIAL is true. */
interface Matrix<T> {
  readonly value: T;
  readonly transposed: boolean;
}

interface Factors<T> {
  readonly bases: T; // [b·s, d, r]
  readonly coefficients: T; // [b·s, n, r]
}

function initialBases<T>(ops: Operators<T>, x: T, name: string, config: NmfConfig): T {
  if (config.randomBases) return ops.l2Normalize(ops.draw(`${name}.bases`), { axis: 1, epsilon: normEpsilon });
  // The buffer holds normalised bases [s, d, r]. The reference repeats each entry in place, though it orders X by batch
  // first.
  return ops.repeatForBatch(ops.buffer(`${name}.bases`), x);
}

function decompose<T>(ops: Operators<T>, x: Matrix<T>, bases: T, steps: number): Factors<T> {
  let factors: Factors<T> = { bases, coefficients: ops.softmax(timesBases(ops, x, bases)) };
  for (let step = 0; step < steps; step++) {
    const coefficients = updateCoefficients(ops, x, factors);
    factors = { coefficients, bases: updateBases(ops, x, { ...factors, coefficients }) };
  }
  return { ...factors, coefficients: updateCoefficients(ops, x, factors) };
}

/** C · XᵀD / (C·DᵀD + ε) */
function updateCoefficients<T>(ops: Operators<T>, x: Matrix<T>, { bases, coefficients }: Factors<T>): T {
  return ops.scope(() => {
    const numerator = timesBases(ops, x, bases);
    const gram = ops.matMul(bases, bases, { transposeA: true });
    return update(ops, coefficients, numerator, ops.matMul(coefficients, gram));
  });
}

/** D · XC / (D·CᵀC + ε) */
function updateBases<T>(ops: Operators<T>, x: Matrix<T>, { bases, coefficients }: Factors<T>): T {
  return ops.scope(() => {
    const numerator = ops.matMul(x.value, coefficients, { transposeA: x.transposed });
    const gram = ops.matMul(coefficients, coefficients, { transposeA: true });
    return update(ops, bases, numerator, ops.matMul(bases, gram));
  });
}

/** XᵀD: [b·s, n, r] */
function timesBases<T>(ops: Operators<T>, x: Matrix<T>, bases: T): T {
  return ops.matMul(x.value, bases, { transposeA: !x.transposed });
}

function update<T>(ops: Operators<T>, factor: T, numerator: T, denominator: T): T {
  return ops.div(ops.mul(factor, numerator), ops.addScalar(denominator, updateEpsilon));
}
