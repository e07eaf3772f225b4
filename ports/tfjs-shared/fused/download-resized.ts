import { type Float32NdArray, float32NdArray } from '../../../harness/contract/nd-array.js';
import { interpolationMatrix } from '../interpolation-matrix.js';
import type { Tensor, TensorFlowJs } from '../tensorflow-js.js';
import type { Evaluator } from './evaluate.js';
import type { Resized, ShapeNhwc } from './lazy-map.js';

/**
 * The last map is wanted as [b, c, h, w], so each channel is resized as a matrix of its own, some at a time: by
 * products with constant matrices, which take a third of the time of TensorFlow's kernel for images.
 * @param place gives the array that is filled
 */
export function downloadResized(
  tf: TensorFlowJs,
  evaluator: Evaluator,
  shape: ShapeNhwc,
  { input, alignCorners }: Resized,
  place: (elements: number) => Float32Array,
): Float32NdArray {
  const [b, height, width, c] = shape;
  const [, h, w] = input.shape;
  const area = height * width;
  const step = Math.max(1, Math.floor(downloadBytes / (area * Float32Array.BYTES_PER_ELEMENT)));
  const { rows, parts } = tf.tidy(() => {
    const columns = tf.transpose(tf.tensor2d(interpolationMatrix(w, width, alignCorners), [width, w])); // [w, width]
    const planes = tf.reshape(tf.transpose(evaluator.whole(input), [0, 3, 1, 2]), [b * c * h, w]);
    const wide = tf.reshape(tf.matMul(planes, columns), [b * c, h, width]);
    return {
      rows: tf.tensor3d(interpolationMatrix(h, height, alignCorners), [1, height, h]),
      parts: tf.split(wide, sizesOfParts(b * c, step)) as Tensor[],
    };
  });
  const data = place(b * c * area);
  for (const [at, part] of parts.entries()) {
    const resized = tf.matMul(rows, part); // [step, height, width]
    data.set(resized.dataSync<'float32'>(), at * step * area);
    resized.dispose();
  }
  tf.dispose([rows, ...parts]);
  return float32NdArray([b, c, height, width], data);
}

function sizesOfParts(planes: number, step: number): number[] {
  return Array.from({ length: Math.ceil(planes / step) }, (_, at) => Math.min(step, planes - at * step));
}

/** A download holds what it takes twice. This much of it stays in a core's cache. */
const downloadBytes = 2 * 1024 * 1024;
