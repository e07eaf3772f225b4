import type { Tensor, Tensor4D, TensorFlowJs } from '../../tfjs-shared/tensorflow-js.js';
import { fusedBatchNorm } from './fused-batch-norm.js';
import { differentiate } from './gradient.js';
import type { NativeOps } from './native-ops.js';

export interface BatchStatistics {
  readonly mean: Tensor; // [c]
  /** Unbiased: times n / (n − 1). */
  readonly variance: Tensor; // [c]
  /** Elements that each is taken over. */
  readonly count: number;
}

/**
 * With the batch's statistics, which go to `onStatistics`. Shapes: x [b, h, w, c], weight and bias [c] → [b, h, w, c].
 */
export function trainingBatchNorm(
  tf: TensorFlowJs,
  native: NativeOps,
  [x, weight, bias]: readonly [Tensor4D, Tensor, Tensor],
  epsilon: number,
  onStatistics: (statistics: BatchStatistics) => void,
): Tensor {
  const fused = fusedBatchNorm(tf, native, epsilon);
  return differentiate(tf, [x, weight, bias], {
    value([map, scale, shift], save) {
      const { y, mean, variance, reserved } = fused.normalise([map!, scale!, shift!]);
      save([map!, scale!, ...reserved]);
      onStatistics({ mean, variance, count: x.size / x.shape[3] });
      return y;
    },
    gradients: (dy, saved) => fused.gradients(dy, saved),
  });
}
