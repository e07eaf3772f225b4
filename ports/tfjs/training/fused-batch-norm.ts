import type { Tensor, TensorFlowJs } from '../../tfjs-shared/tensorflow-js.js';
import type { Attribute, NativeOps } from './native-ops.js';

/** TensorFlow's fused kernels of a batch norm. Shapes: maps [b, h, w, c], all else [c]. */
export interface FusedBatchNorm {
  /** With the batch's statistics, the variance from centred values, unbiased. `reserved` is for `gradients`. */
  normalise(affine: AffineMap): { y: Tensor; mean: Tensor; variance: Tensor; reserved: Tensor[] };
  /** By map, weight and bias. */
  gradients(dy: Tensor, saved: readonly Tensor[]): Tensor[];
  /** With statistics that are given, the variance biased. */
  normaliseBy(statistics: Statistics, affine: AffineMap): Tensor;
  /** By map, weight and bias, as if the statistics did not depend on the map. */
  gradientsBy(statistics: Statistics, dy: Tensor, saved: readonly [map: Tensor, weight: Tensor]): Tensor[];
}

type AffineMap = readonly [map: Tensor, weight: Tensor, bias: Tensor];
type Statistics = readonly [mean: Tensor, variance: Tensor];

export function fusedBatchNorm(tf: TensorFlowJs, native: NativeOps, epsilon: number): FusedBatchNorm {
  const attributes = (training: boolean): readonly Attribute[] => [
    { name: 'T', kind: 'float type' },
    { name: 'U', kind: 'float type' },
    { name: 'epsilon', kind: 'float', value: epsilon },
    { name: 'data_format', kind: 'text', value: 'NHWC' },
    { name: 'is_training', kind: 'flag', value: training },
  ];
  const forward = (training: boolean, inputs: readonly Tensor[]) =>
    native.run('FusedBatchNormV3', attributes(training), inputs, 6) as [Tensor, Tensor, Tensor, ...Tensor[]];
  const backward = (training: boolean, inputs: readonly Tensor[]) =>
    native.run('FusedBatchNormGradV3', attributes(training), inputs, 5).slice(0, 3);
  const none = () => tf.tensor1d([], 'float32');
  return {
    normalise(affine) {
      const [y, mean, variance, ...reserved] = forward(true, [...affine, none(), none()]);
      return { y, mean, variance, reserved };
    },
    gradients: (dy, saved) => backward(true, [dy, ...saved]),
    normaliseBy: (statistics, affine) => forward(false, [...affine, ...statistics])[0],
    gradientsBy: (statistics, dy, saved) => backward(false, [dy, ...saved, ...statistics, none()]),
  };
}
