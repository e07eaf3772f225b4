import type { Tensor, Tensor1D, Tensor4D, TensorFlowJs } from './tensorflow-js.js';

export interface Affine {
  readonly weight: Tensor1D;
  readonly bias: Tensor1D;
}

/**
 * Each position over its channels. Shapes: [b, h, w, c] → the same. Source: paddle.nn.LayerNorm, with the biased
 * variance.
 */
export function layerNorm(tf: TensorFlowJs, x: Tensor4D, { weight, bias }: Affine, epsilon: number): Tensor4D {
  return tf.tidy(() => {
    const centred = tf.sub(x, tf.mean(x, -1, true));
    const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), epsilon));
    return tf.add(tf.mul(tf.mul(centred, inverse), weight), bias);
  });
}

/**
 * Each group of channels over channels and positions. Shapes: [b, h, w, c] → the same. Source: paddle.nn.GroupNorm.
 * Sums run along the last axis only, in two stages. Over any other axis TensorFlow adds naively, which costs 16 times
 * the reference's noise on a map of 64×128.
 */
export function groupNorm(
  tf: TensorFlowJs,
  x: Tensor4D,
  { weight, bias }: Affine,
  { groups, epsilon }: { groups: number; epsilon: number },
): Tensor4D {
  const [b, h, w, c] = x.shape;
  const perGroup = c / groups;
  const meanOverGroup = (values: Tensor) =>
    tf.reshape(tf.mean(tf.transpose(tf.mean(values, 3), [0, 2, 1]), 2), [b, 1, groups, 1]);
  const { mean, scale } = tf.tidy(() => {
    const grouped = tf.reshape(x, [b, h * w, groups, perGroup]);
    const groupMean = meanOverGroup(grouped);
    const inverse = tf.rsqrt(tf.add(meanOverGroup(tf.squaredDifference(grouped, groupMean)), epsilon));
    return {
      mean: tf.reshape(tf.tile(groupMean, [1, 1, 1, perGroup]), [b, 1, 1, c]),
      scale: tf.reshape(tf.mul(inverse, tf.reshape(weight, [1, 1, groups, perGroup])), [b, 1, 1, c]),
    };
  });
  const centred = tf.sub(x, mean);
  const normal = tf.mul(centred, scale);
  tf.dispose([centred, mean, scale]);
  const biased = tf.add(normal, bias) as Tensor4D;
  normal.dispose();
  return biased;
}
