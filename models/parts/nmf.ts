import type { Operators } from '../operators.js';
import {
  type Decomposition,
  type DecompositionSize,
  type Factors,
  type Matrix,
  timesBases,
  timesCoefficients,
} from './decomposition.js';

/**
 * Multiplicative updates of D and C, with a gradient through all of them. Range: x ≥ 0.
 * Source: `NMF2D` in models/layers/nmf_2d.py, with its temperature of 1 whatever INV_T says.
 */
export function nmf(size: DecompositionSize, bases: 'uniform' | 'kept'): Decomposition {
  return { ...size, bases, rectified: true, factorise };
}

/** The epsilon of every update in nmf_2d.py. */
const updateEpsilon = 1e-6;

function factorise<T>(ops: Operators<T>, x: Matrix<T>, bases: T, steps: number): Factors<T> {
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
    const numerator = timesCoefficients(ops, x, coefficients);
    const gram = ops.matMul(coefficients, coefficients, { transposeA: true });
    return update(ops, bases, numerator, ops.matMul(bases, gram));
  });
}

function update<T>(ops: Operators<T>, factor: T, numerator: T, denominator: T): T {
  return ops.div(ops.mul(factor, numerator), ops.addScalar(denominator, updateEpsilon));
}
