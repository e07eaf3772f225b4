import type { Planes } from '../infer/planes.js';

/** The class with the largest logit at each pixel, the lowest one on ties, [h, w]. NaN is never the largest. */
export function labelMap({ channels, height, width, data }: Planes): Uint8Array {
  const pixels = height * width;
  const labels = new Uint8Array(pixels);
  const best = data.slice(0, pixels);
  for (let c = 1; c < channels; c++) {
    const plane = c * pixels;
    for (let p = 0; p < pixels; p++) {
      const logit = data[plane + p]!;
      if (logit > best[p]!) {
        best[p] = logit;
        labels[p] = c;
      }
    }
  }
  return labels;
}
