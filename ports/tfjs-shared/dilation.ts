import { paddingSides } from '../../models/conv-options.js';
import type { ConvOptions } from '../../models/operators.js';
import type { Tensor4D, TensorFlowJs } from './tensorflow-js.js';

/**
 * A dilated convolution at stride 1 as one that is not dilated: every d-th row and column of the map is an image of its
 * own, whose neighbours the kernel sees. TensorFlow.js has no gradient of a dilated convolution, and the TensorFlow of
 * its official addon ignores the dilation of a depthwise one (tensorflow issue 56498).
 *
 * @param x [b, h, w, c]
 * @param convolve such images, by options without dilation
 */
export function convolveDilated(
  tf: TensorFlowJs,
  x: Tensor4D,
  name: string,
  options: ConvOptions,
  convolve: (x: Tensor4D, options: ConvOptions) => Tensor4D,
): Tensor4D {
  const { dilation = [1, 1], stride } = options;
  if (dilation.every((step) => step === 1)) return convolve(x, options);
  if (stride.some((step) => step !== 1)) {
    throw new Error(`${name} is dilated at stride ${stride.join('×')}; stride 1 is implemented`);
  }
  const { top, left, bottom, right } = paddingSides(options);
  const [, height, width] = x.shape;
  const down = partAxis(height, top, bottom, dilation[0]);
  const across = partAxis(width, left, right, dilation[1]);
  const padding = [down.before, across.before, down.after, across.after] as const;
  return tf.tidy(() => {
    const parts = tf.spaceToBatchND(x, [...dilation], [down.outer, across.outer]) as Tensor4D;
    const convolved = convolve(parts, { ...options, padding, dilation: [1, 1] });
    return tf.batchToSpaceND(convolved, [...dilation], [down.crop, across.crop]) as Tensor4D;
  });
}

interface PartedAxis {
  /** Zeros around the map, so that its size is a multiple of the dilation. */
  readonly outer: number[];
  /** Zeros around each image. */
  readonly before: number;
  readonly after: number;
  /** What the zeros that only fill up give too much. */
  readonly crop: number[];
}

function partAxis(size: number, before: number, after: number, step: number): PartedAxis {
  const [first, last] = [before % step, after % step];
  const filled = (step - ((size + first + last) % step)) % step;
  return {
    outer: [first, last + filled],
    before: (before - first) / step,
    after: (after - last) / step,
    crop: [0, filled],
  };
}
