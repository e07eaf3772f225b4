import { interpolationMatrix } from '../../tfjs-shared/interpolation-matrix.js';
import type { Tensor, Tensor4D, TensorFlowJs } from '../../tfjs-shared/tensorflow-js.js';

/**
 * Bilinear resizing as two products with constant matrices: TensorFlow's own gradient of it ignores half-pixel centres.
 * Shapes: [b, h, w, c] → [b, height, width, c].
 */
export function resizeByMatrices(
  tf: TensorFlowJs,
  x: Tensor4D,
  [height, width]: readonly [number, number],
  alignCorners: boolean,
): Tensor {
  const [b, h, w, c] = x.shape;
  if (h === height && w === width) return x;
  const rows = tf.tensor3d(interpolationMatrix(h, height, alignCorners), [1, height, h]);
  const columns = tf.tensor3d(interpolationMatrix(w, width, alignCorners), [1, width, w]);
  const tall = tf.matMul(rows, tf.reshape(x, [b, h, w * c])); // [b, height, w·c]
  const wide = tf.matMul(columns, tf.reshape(tall, [b * height, w, c])); // [b·height, width, c]
  return tf.reshape(wide, [b, height, width, c]);
}
