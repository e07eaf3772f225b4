import type { Raster } from './raster.js';

/**
 * ITU-R 601 luma in 16-bit fixed point, rounded; an image of one channel is its own.
 * Source: Pillow's convert("L"), libImaging/Convert.c (12.0).
 */
export function measureLuma({ data, channels }: Raster<Uint8Array>): Uint8Array {
  if (channels === 1) return data;
  const luma = new Uint8Array(data.length / 3);
  for (let i = 0, at = 0; i < luma.length; i++, at += 3) {
    luma[i] = (data[at]! * 19595 + data[at + 1]! * 38470 + data[at + 2]! * 7471 + 0x8000) >> 16;
  }
  return luma;
}
