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

/**
 * Row `to` holds the shares of the `from` elements in the element at `to`. Shapes: [size, from]. Computed in float64.
 */
export function interpolationMatrix(from: number, size: number, alignCorners: boolean): Float32Array {
  const matrix = new Float32Array(size * from);
  for (let to = 0; to < size; to++) {
    const position = sourcePosition(to, from, size, alignCorners);
    const lower = Math.min(Math.floor(position), from - 1);
    const upper = Math.min(lower + 1, from - 1);
    matrix[to * from + lower]! += 1 - (position - lower);
    matrix[to * from + upper]! += position - lower;
  }
  return matrix;
}

/** Source: paddle.nn.functional.interpolate: half-pixel centres, at least 0, or corners on corners. */
function sourcePosition(to: number, from: number, size: number, alignCorners: boolean): number {
  if (alignCorners) return size === 1 ? 0 : (to * (from - 1)) / (size - 1);
  return Math.max(((to + 0.5) * from) / size - 0.5, 0);
}
