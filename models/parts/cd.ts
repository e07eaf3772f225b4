import { type Decomposition, type DecompositionSize, timesBases } from './decomposition.js';
import { clusterMeans, unitBases } from './soft-clusters.js';

/**
 * Concept decomposition: C = XᵀD · (DᵀD + beta · I)⁻¹, D's columns of length 1. The gradient goes back through that X
 * alone. Source: `CD2D` in hamburger/ham.py (Gsunshine/Enjoy-Hamburger).
 * @param invT INV_T
 * @param beta BETA
 */
export function cd(size: DecompositionSize, invT: number, beta: number): Decomposition {
  return {
    ...size,
    bases: 'normal',
    rectified: false,
    factorise(ops, x, first, steps) {
      const bases = unitBases(ops, clusterMeans(ops, x, first, steps, invT));
      const gram = ops.matMul(bases, bases, { transposeA: true });
      const inverse = ops.ridgeInverse(gram, { size: size.rank, ridge: beta });
      return { bases, coefficients: ops.matMul(timesBases(ops, x, bases), inverse) };
    },
  };
}
