import type { Raster } from './raster.js';

/** A picture of one channel as RGB, to be shown; one in colour as it is. */
export function asColour(picture: Raster<Uint8Array>): Raster<Uint8Array> {
  const { channels, data } = picture;
  if (channels === 3) return picture;
  const colour = new Uint8Array(data.length * 3);
  for (let at = 0; at < data.length; at++) colour.fill(data[at]!, 3 * at, 3 * at + 3);
  return { ...picture, channels: 3, data: colour };
}
