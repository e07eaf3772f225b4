import type { Tensor4D, TensorFlowJs } from './tensorflow-js.js';

export type Shape4D = readonly [number, number, number, number];

/** Shapes: [b, h, w, c] on the engine → [b, c, h, w] here. */
export function downloadNchw(tf: TensorFlowJs, x: Tensor4D): Float32Array {
  if (x.size <= smallSize) return reorder(x.dataSync<'float32'>(), x.shape, 'channels first');
  const nchw = tf.transpose(x, [0, 3, 1, 2]);
  try {
    return nchw.dataSync<'float32'>();
  } finally {
    nchw.dispose();
  }
}

/** Shapes: [b, c, h, w] here → [b, h, w, c] on the engine. */
export function uploadNchw(tf: TensorFlowJs, data: Float32Array, [b, c, h, w]: Shape4D): Tensor4D {
  if (data.length <= smallSize)
    return tf.tensor4d(reorder(data, [b, h, w, c], 'channels last'), [b, h, w, c], 'float32');
  return tf.tidy(() => tf.transpose(tf.tensor4d(data, [b, c, h, w], 'float32'), [0, 2, 3, 1]));
}

/** Below this many elements a loop here takes less time than one more call of the engine. */
const smallSize = 65536;

/** `shapeNhwc` is that of the map, whichever way it is turned. */
export function reorder(
  data: Float32Array,
  [b, h, w, c]: Shape4D,
  to: 'channels first' | 'channels last',
): Float32Array {
  const area = h * w;
  const reordered = new Float32Array(data.length);
  for (let image = 0; image < b; image++) {
    const start = image * area * c;
    for (let channel = 0; channel < c; channel++) {
      let first = start + channel * area;
      let last = start + channel;
      for (let position = 0; position < area; position++, first++, last += c) {
        if (to === 'channels first') reordered[first] = data[last]!;
        else reordered[last] = data[first]!;
      }
    }
  }
  return reordered;
}
