import type { Tensor4D, TensorFlowJs } from './tensorflow-js.js';

/**
 * A convolution as the sum of convolutions over some of the channels each. TensorFlow adds all terms of an output one
 * after the other, in float32. The 1440 terms of a 3×3 convolution of 160 channels give 1.7 times the reference's
 * noise; 288 terms give about 1.0. Kernels of one pixel go through a matrix product, which adds in blocks by itself.
 *
 * @param x [b, h, w, c]
 * @param kernels what `splitKernel` made of [kh, kw, c, out]
 * @param convolve one part; `first` is true for one of them, which takes the bias
 */
export function convolveInParts(
  tf: TensorFlowJs,
  x: Tensor4D,
  kernels: readonly Tensor4D[],
  convolve: (x: Tensor4D, kernel: Tensor4D, first: boolean) => Tensor4D,
): Tensor4D {
  if (kernels.length === 1) return convolve(x, kernels[0]!, true);
  return tf.tidy(() => {
    const maps = tf.split(x, kernels.length, 3) as Tensor4D[];
    return tf.addN(maps.map((part, at) => convolve(part, kernels[at]!, at === 0))) as Tensor4D;
  });
}

/** The kernel of each part: the given one itself, or new tensors [kh, kw, c / parts, out] of a [kh, kw, c, out]. */
export function splitKernel(tf: TensorFlowJs, kernel: Tensor4D): readonly Tensor4D[] {
  const [height, width, channels] = kernel.shape;
  const parts = height * width === 1 ? 1 : partsOf(channels, height * width * channels);
  return parts === 1 ? [kernel] : (tf.split(kernel, parts, 2) as Tensor4D[]);
}

/** So many terms of one output are added one after the other. */
const mostTerms = 320;

/** The fewest equal parts of the channels with at most `mostTerms` terms each. */
function partsOf(channels: number, terms: number): number {
  for (let parts = Math.ceil(terms / mostTerms); parts < channels; parts++) if (channels % parts === 0) return parts;
  return 1;
}
