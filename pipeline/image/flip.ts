import { type Pixels, pixelsLike, type Raster } from './raster.js';

/** Left and right change places. */
export function flipHorizontally<Data extends Pixels>(image: Raster<Data>): Raster<Data> {
  const { height, width, channels } = image;
  const data = pixelsLike(image.data, image.data.length);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = width - 1; x >= 0; x--) {
      const from = (y * width + x) * channels;
      for (let c = 0; c < channels; c++, at++) data[at] = image.data[from + c]!;
    }
  }
  return { ...image, data };
}

/** Top and bottom change places. */
export function flipVertically<Data extends Pixels>(image: Raster<Data>): Raster<Data> {
  const row = image.width * image.channels;
  const data = pixelsLike(image.data, image.data.length);
  for (let y = 0; y < image.height; y++)
    data.set(image.data.subarray(y * row, (y + 1) * row), (image.height - 1 - y) * row);
  return { ...image, data };
}
