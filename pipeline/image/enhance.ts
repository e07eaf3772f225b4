import { measureLuma } from './luma.js';
import type { Raster } from './raster.js';

/** 8-bit pixels, RGB or grey. */
export type ByteImage = Raster<Uint8Array>;

/**
 * Pillow's ImageEnhance (12.0): each blends the image with a duller version of itself, the image's share being
 * `amount`. 1 gives the image, 0 the dull version, more than 1 goes beyond the image. Results are cut off to whole
 * numbers in 0..255.
 */

/** Dull version: black. */
export function enhanceBrightness(image: ByteImage, amount: number): ByteImage {
  return blendWithConstant(image, amount, 0);
}

/** Dull version: the mean of the luma, rounded, everywhere. */
export function enhanceContrast(image: ByteImage, amount: number): ByteImage {
  const luma = measureLuma(image);
  let sum = 0;
  for (const value of luma) sum += value;
  const mean = Math.floor(sum / luma.length + 0.5);
  return blendWithConstant(image, amount, mean);
}

/** Dull version: the luma. */
export function enhanceSaturation(image: ByteImage, amount: number): ByteImage {
  if (image.channels === 1) return image;
  return blendWith(image, amount, measureLuma(image), 3);
}

/** Dull version: smoothed by 1 1 1, 1 5 1, 1 1 1 over 13; the border as it is. */
export function enhanceSharpness(image: ByteImage, amount: number): ByteImage {
  return blendWith(image, amount, smooth(image), 1);
}

/** Blends with one value everywhere: each of the 256 values is worked out once. */
function blendWithConstant(image: ByteImage, amount: number, dull: number): ByteImage {
  const share = Math.fround(amount);
  const blended = Uint8Array.from({ length: 256 }, (_, value) => blend(dull, value, share));
  const data = new Uint8Array(image.data.length);
  for (let at = 0; at < data.length; at++) data[at] = blended[image.data[at]!]!;
  return { ...image, data };
}

/** Blends with a picture of which each value stands for `run` values of the image. */
function blendWith(image: ByteImage, amount: number, dull: Uint8Array, run: number): ByteImage {
  const share = Math.fround(amount);
  const data = new Uint8Array(image.data.length);
  for (let i = 0, at = 0; i < dull.length; i++) {
    const from = dull[i]!;
    for (const end = at + run; at < end; at++) data[at] = blend(from, image.data[at]!, share);
  }
  return { ...image, data };
}

/**
 * dull + share × (value − dull), in float32, its fraction dropped.
 * Source: ImagingBlend in libImaging/Blend.c.
 */
function blend(dull: number, value: number, share: number): number {
  const blended = Math.fround(dull + Math.fround(share * (value - dull)));
  return blended <= 0 ? 0 : blended >= 255 ? 255 : Math.trunc(blended);
}

/**
 * Source: ImageFilter.SMOOTH and ImagingFilter3x3 in libImaging/Filter.c. Thirteenths never lie on a half: no order
 * matters.
 */
function smooth({ height, width, channels, data }: ByteImage): Uint8Array {
  const smoothed = data.slice();
  const row = width * channels;
  for (let y = 1; y < height - 1; y++) {
    for (let at = y * row + channels; at < (y + 1) * row - channels; at++) {
      let sum = 4 * data[at]!;
      for (let near = at - row; near <= at + row; near += row)
        sum += data[near - channels]! + data[near]! + data[near + channels]!;
      smoothed[at] = Math.floor(sum / 13 + 0.5);
    }
  }
  return smoothed;
}
