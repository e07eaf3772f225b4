import { resizeLinear } from '../image/resize-linear.js';
import { resizeNearest } from '../image/resize-nearest.js';
import { roundHalfEven } from '../image/round-half-even.js';
import type { Sample } from './sample.js';
import type { Size } from './transform.js';

/** The image linearly, or by its nearest pixels; the label always by its nearest. */
export function resizeSample(
  sample: Sample,
  height: number,
  width: number,
  interpolation: 'LINEAR' | 'NEAREST' = 'LINEAR',
): Sample {
  const resize = interpolation === 'LINEAR' ? resizeLinear : resizeNearest;
  return {
    ...sample,
    image: resize(sample.image, height, width),
    label: sample.label && resizeNearest(sample.label, height, width),
  };
}

/**
 * Both sides times `scale`, rounded as Python rounds. Source: functional.resize_long and resize_short of PaddleSeg
 * 2.8.0.
 */
export function scaleSample(sample: Sample, scale: number): Sample {
  const { height, width } = scaleSize(sample.image, scale);
  return resizeSample(sample, height, width);
}

export function scaleSize({ height, width }: Size, scale: number): Size {
  return { height: roundHalfEven(height * scale), width: roundHalfEven(width * scale) };
}
