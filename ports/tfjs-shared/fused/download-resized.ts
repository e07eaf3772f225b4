import { type Float32NdArray, float32NdArray } from '../../../harness/contract/nd-array.js';
import type { Tensor4D, TensorFlowJs } from '../tensorflow-js.js';
import type { Evaluator } from './evaluate.js';
import type { Resized, ShapeNhwc } from './lazy-map.js';

/** The last map is wanted as [b, c, h, w], so each channel is resized as an image of its own, some at a time. */
export function downloadResized(
  tf: TensorFlowJs,
  evaluator: Evaluator,
  shape: ShapeNhwc,
  { input, alignCorners }: Resized,
): Float32NdArray {
  const [b, height, width, c] = shape;
  const [, h, w] = input.shape;
  const planes = tf.tidy(() => tf.reshape(tf.transpose(evaluator.whole(input), [0, 3, 1, 2]), [b * c, h, w, 1]));
  const area = height * width;
  const step = Math.max(1, Math.floor(downloadBytes / (area * Float32Array.BYTES_PER_ELEMENT)));
  const data = new Float32Array(b * c * area);
  for (let from = 0; from < b * c; from += step) {
    const resized = tf.tidy(() => {
      const some = tf.slice(planes, [from, 0, 0, 0], [Math.min(step, b * c - from), h, w, 1]) as Tensor4D;
      return tf.image.resizeBilinear(some, [height, width], alignCorners, !alignCorners);
    });
    data.set(resized.dataSync<'float32'>(), from * area);
    resized.dispose();
  }
  planes.dispose();
  return float32NdArray([b, c, height, width], data);
}

/** Full-resolution maps are large, and a download holds them twice: this much of them at a time. */
const downloadBytes = 16 * 1024 * 1024;
