import { type Pixels, pixelsLike, type Raster } from './raster.js';

/**
 * Takes the pixel at floor(position × scale), clamped at the edge.
 *
 * Shapes: [h, w, c] → [height, width, c]. Range: the input's values, and no others.
 * Source: functional.resize of PaddleSeg 2.8.0, which is cv2.resize(INTER_NEAREST): no half-pixel centres.
 */
export function resizeNearest<Data extends Pixels>(image: Raster<Data>, height: number, width: number): Raster<Data> {
  const { channels } = image;
  const columns = nearestPositions(image.width, width);
  const rows = nearestPositions(image.height, height);
  const data = pixelsLike(image.data, height * width * channels);
  for (let y = 0, at = 0; y < height; y++) {
    const start = rows[y]! * image.width;
    for (let x = 0; x < width; x++) {
      const from = (start + columns[x]!) * channels;
      for (let c = 0; c < channels; c++, at++) data[at] = image.data[from + c]!;
    }
  }
  return { height, width, channels, data };
}

/** The scale is OpenCV's double 1 / (target / source), whose last bit decides at whole positions. */
function nearestPositions(source: number, target: number): Int32Array {
  const scale = 1 / (target / source);
  return Int32Array.from({ length: target }, (_, i) => Math.min(Math.floor(i * scale), source - 1));
}
