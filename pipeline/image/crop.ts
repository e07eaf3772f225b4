import { type Pixels, pixelsLike, type Raster } from './raster.js';

/** The window of `height` × `width` whose first pixel is (y, x). It must lie within the image. */
export function crop<Data extends Pixels>(
  image: Raster<Data>,
  y: number,
  x: number,
  height: number,
  width: number,
): Raster<Data> {
  const { channels } = image;
  const row = width * channels;
  const data = pixelsLike(image.data, height * row);
  for (let i = 0; i < height; i++) {
    const from = ((y + i) * image.width + x) * channels;
    data.set(image.data.subarray(from, from + row), i * row);
  }
  return { height, width, channels, data };
}
