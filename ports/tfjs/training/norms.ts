import type { Affine } from '../../tfjs-shared/norms.js';
import type { Tensor, Tensor4D, TensorFlowJs } from '../../tfjs-shared/tensorflow-js.js';
import { differentiate, sumPerChannel } from './gradient.js';

/** `layerNorm` of tfjs-shared with a gradient whose sums run along the last axis, or in two stages. */
export function trainingLayerNorm(tf: TensorFlowJs, x: Tensor4D, { weight, bias }: Affine, epsilon: number): Tensor {
  const mean = (values: Tensor) => tf.mean(values, -1, true);
  return normalise(tf, x, { weight, bias }, mean, epsilon);
}

/** `groupNorm` of tfjs-shared, likewise. */
export function trainingGroupNorm(
  tf: TensorFlowJs,
  x: Tensor4D,
  affine: Affine,
  { groups, epsilon }: { groups: number; epsilon: number },
): Tensor {
  const [b, h, w, c] = x.shape;
  const perGroup = c / groups;
  /** Of each group, spread over its channels. Shapes: [b, h, w, c] → [b, 1, 1, c]. */
  const mean = (values: Tensor) => {
    const ofPositions = tf.mean(tf.reshape(values, [b, h * w, groups, perGroup]), 3); // [b, h·w, g]
    const ofGroups = tf.reshape(tf.mean(tf.transpose(ofPositions, [0, 2, 1]), 2), [b, groups, 1]);
    return tf.reshape(tf.tile(ofGroups, [1, 1, perGroup]), [b, 1, 1, c]);
  };
  return normalise(tf, x, affine, mean, epsilon);
}

/**
 * x̂ = (x − mean) / √(var + ε), y = x̂ · weight + bias. The mean is any that is linear and keeps what it has made
 * equal.
 */
function normalise(
  tf: TensorFlowJs,
  x: Tensor4D,
  { weight, bias }: Affine,
  mean: (values: Tensor) => Tensor,
  epsilon: number,
): Tensor {
  return differentiate(tf, [x, weight, bias], {
    value([map, scale, shift], save) {
      const centred = tf.sub(map!, mean(map!));
      const inverse = tf.rsqrt(tf.add(mean(tf.square(centred)), epsilon));
      const normal = tf.mul(centred, inverse);
      save([normal, inverse, scale!]);
      return tf.add(tf.mul(normal, scale!), shift!);
    },
    gradients(dy, [normal, inverse, scale]) {
      const scaled = tf.mul(dy, scale!);
      const along = tf.mul(normal!, mean(tf.mul(scaled, normal!)));
      const dx = tf.mul(tf.sub(tf.sub(scaled, mean(scaled)), along), inverse!);
      return [dx, sumPerChannel(tf, tf.mul(dy, normal!)), sumPerChannel(tf, dy)];
    },
  });
}
