import type { Operators } from '../operators.js';
import { type Matrix, normEpsilon, timesBases, timesCoefficients } from './decomposition.js';

/** Of a basis's norm, and beside a sum of shares and a position's norm. Source: hamburger/ham.py. */
const epsilon = 1e-6;

/**
 * D after `steps` of soft k-means by cosines: each basis is the mean of X's columns, weighted by their shares. No
 * gradient goes back through it. Source: `local_step` of VQ2D and CD2D.
 */
export function clusterMeans<T>(ops: Operators<T>, x: Matrix<T>, first: T, steps: number, invT: number): T {
  return ops.scope(() => {
    const data = { ...x, value: ops.detach(x.value) };
    const unit = { ...x, value: ops.l2Normalize(data.value, { axis: vectorAxis(x), epsilon: normEpsilon }) };
    let means = first;
    for (let step = 0; step < steps; step++) {
      const before = means;
      means = ops.scope(() => {
        const weights = shares(ops, unit, unitBases(ops, before), invT);
        const sums = ops.addScalar(ops.norm(weights, { axis: 1, order: 1 }), epsilon);
        return timesCoefficients(ops, data, ops.div(weights, sums));
      });
    }
    return means;
  });
}

/** Each basis by its length. */
export function unitBases<T>(ops: Operators<T>, bases: T): T {
  return ops.l2Normalize(bases, { axis: 1, epsilon });
}

/** Each of X's columns by its length, which counts as a constant. */
export function shortened<T>(ops: Operators<T>, x: Matrix<T>): Matrix<T> {
  const lengths = ops.norm(ops.detach(x.value), { axis: vectorAxis(x), order: 2 });
  return { ...x, value: ops.div(x.value, ops.addScalar(lengths, epsilon)) };
}

/** The softmax over the bases of invT · XᵀD: [b·s, n, r] */
export function shares<T>(ops: Operators<T>, x: Matrix<T>, bases: T, invT: number): T {
  return ops.softmax(timesBases(ops, x, bases), { scale: invT });
}

/** The axis of tokens along which X's columns lie. */
function vectorAxis({ transposed }: Matrix<unknown>): 1 | 2 {
  return transposed ? 2 : 1;
}
