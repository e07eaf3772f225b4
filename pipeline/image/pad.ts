import { type Pixels, pixelsLike, type Raster } from './raster.js';

/**
 * Adds rows below and columns to the right, every channel of them `value`.
 * Source: cv2.copyMakeBorder(BORDER_CONSTANT), as PaddleSeg's Padding and RandomPaddingCrop call it.
 */
export function padBottomRight<Data extends Pixels>(
  image: Raster<Data>,
  height: number,
  width: number,
  value: number,
): Raster<Data> {
  if (height === image.height && width === image.width) return image;
  const { channels } = image;
  const data = pixelsLike(image.data, height * width * channels);
  data.fill(value);
  const row = image.width * channels;
  for (let y = 0; y < image.height; y++) data.set(image.data.subarray(y * row, (y + 1) * row), y * width * channels);
  return { height, width, channels, data };
}
