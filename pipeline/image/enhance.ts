import { measureLuma } from './luma.js';
import type { Raster } from './raster.js';

/** 8-bit pixels, RGB or grey. */
export type ByteImage = Raster<Uint8Array>;

/**
 * Pillow's ImageEnhance (12.0): each blends the image with a duller version of itself, the image's share being `amount`.
 * 1 gives the image, 0 the dull version, more than 1 goes beyond the image. Results are cut off to whole numbers in 0..255.
 */

/** Dull version: black. */
export function enhanceBrightness(image: ByteImage, amount: number): ByteImage {
  return blend(image, amount, () => 0);
}

/** Dull version: the mean of the luma, rounded, everywhere. */
export function enhanceContrast(image: ByteImage, amount: number): ByteImage {
  const luma = measureLuma(image);
  let sum = 0;
  for (const value of luma) sum += value;
  const mean = Math.floor(sum / luma.length + 0.5);
  return blend(image, amount, () => mean);
}

/** Dull version: the luma. */
export function enhanceSaturation(image: ByteImage, amount: number): ByteImage {
  if (image.channels === 1) return image;
  const luma = measureLuma(image);
  return blend(image, amount, (at) => luma[Math.floor(at / 3)]!);
}

/** Dull version: smoothed by 1 1 1, 1 5 1, 1 1 1 over 13; the border as it is. */
export function enhanceSharpness(image: ByteImage, amount: number): ByteImage {
  const smoothed = smooth(image);
  return blend(image, amount, (at) => smoothed[at]!);
}

/**
 * dull + amount × (image − dull), in float32, its fraction dropped.
 * Source: ImagingBlend in libImaging/Blend.c. At 0 and 1 it copies.
 */
function blend(image: ByteImage, amount: number, dull: (at: number) => number): ByteImage {
  const share = Math.fround(amount);
  if (share === 1) return image;
  const data = new Uint8Array(image.data.length);
  for (let at = 0; at < data.length; at++) {
    const from = dull(at);
    const value = Math.fround(from + Math.fround(share * (image.data[at]! - from)));
    data[at] = value <= 0 ? 0 : value >= 255 ? 255 : value;
  }
  return { ...image, data };
}

/** Source: ImageFilter.SMOOTH and ImagingFilter3x3 in libImaging/Filter.c. Thirteenths never lie on a half: no order matters. */
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
