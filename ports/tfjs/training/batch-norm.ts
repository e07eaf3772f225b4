import type { Tensor, Tensor4D, TensorFlowJs } from '../../tfjs-shared/tensorflow-js.js';
import { differentiate } from './gradient.js';
import type { Attribute, NativeOps } from './native-ops.js';

export interface BatchStatistics {
  readonly mean: Tensor; // [c]
  /** Unbiased: times n / (n − 1). */
  readonly variance: Tensor; // [c]
  /** Elements that each is taken over. */
  readonly count: number;
}

/**
 * With the batch's statistics, which go to `onStatistics`. Shapes: x [b, h, w, c], weight and bias [c] → [b, h, w, c].
 * TensorFlow's fused kernels, forward and backward: the variance from centred values, as the reference takes it.
 */
export function trainingBatchNorm(
  tf: TensorFlowJs,
  native: NativeOps,
  [x, weight, bias]: readonly [Tensor4D, Tensor, Tensor],
  epsilon: number,
  onStatistics: (statistics: BatchStatistics) => void,
): Tensor {
  const attributes: readonly Attribute[] = [
    { name: 'T', kind: 'float type' },
    { name: 'U', kind: 'float type' },
    { name: 'epsilon', kind: 'float', value: epsilon },
    { name: 'data_format', kind: 'text', value: 'NHWC' },
    { name: 'is_training', kind: 'flag', value: true },
  ];
  return differentiate(tf, [x, weight, bias], {
    value([map, scale, shift], save) {
      const none = tf.tensor1d([], 'float32');
      const outputs = native.run('FusedBatchNormV3', attributes, [map!, scale!, shift!, none, none], 6);
      const [y, mean, variance, ...reserved] = outputs as [Tensor, Tensor, Tensor, ...Tensor[]];
      save([map!, scale!, ...reserved]);
      onStatistics({ mean, variance, count: x.size / x.shape[3] });
      return y;
    },
    gradients(dy, saved) {
      const [map, scale, ...reserved] = saved as [Tensor, Tensor, ...Tensor[]];
      return native.run('FusedBatchNormGradV3', attributes, [dy, map, scale, ...reserved], 5).slice(0, 3);
    },
  });
}
