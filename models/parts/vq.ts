import type { Decomposition, DecompositionSize } from './decomposition.js';
import { clusterMeans, shares, shortened, unitBases } from './soft-clusters.js';

/**
 * Vector quantisation: a position becomes a mixture of the bases that are like it. The gradient goes back through the
 * last shares alone. Source: `VQ2D` in hamburger/ham.py (Gsunshine/Enjoy-Hamburger).
 * @param invT INV_T
 */
export function vq(size: DecompositionSize, invT: number): Decomposition {
  return {
    ...size,
    bases: 'normal',
    rectified: false,
    factorise(ops, x, first, steps) {
      const bases = clusterMeans(ops, x, first, steps, invT);
      return { bases, coefficients: shares(ops, shortened(ops, x), unitBases(ops, bases), invT) };
    },
  };
}
