import { type Float32NdArray, float32NdArray } from '../harness/contract/nd-array.js';

/**
 * Tokens [b, n, c] as the feature map [b, c, h, w] they were made from, or null where no size fits.
 * The size is found from the image's: each halving rounds up, so that n = ⌈H / 2ᵏ⌉ · ⌈W / 2ᵏ⌉ for one k.
 */
export function tokensToFeatureMap(
  { shape, data }: Float32NdArray,
  imageShape: readonly number[],
): Float32NdArray | null {
  const [b = 0, n = 0, c = 0] = shape;
  const size = sizeOfTokens(n, imageShape);
  if (size === null) return null;
  return float32NdArray([b, c, ...size], swapLastAxes(data, b, n, c));
}

/** A feature map [b, c, h, w] as tokens [b, h · w, c]. */
export function featureMapToTokens({ shape, data }: Float32NdArray): Float32NdArray {
  const [b = 0, c = 0, h = 0, w = 0] = shape;
  return float32NdArray([b, h * w, c], swapLastAxes(data, b, c, h * w));
}

function sizeOfTokens(n: number, imageShape: readonly number[]): readonly [number, number] | null {
  let [, , h = 0, w = 0] = imageShape;
  while (h * w > n && h * w > 1) [h, w] = [Math.ceil(h / 2), Math.ceil(w / 2)];
  return h * w === n ? [h, w] : null;
}

/** [b, m, n] → [b, n, m] */
function swapLastAxes(data: Float32Array, b: number, m: number, n: number): Float32Array {
  const swapped = new Float32Array(data.length);
  for (let item = 0; item < b; item++) {
    const base = item * m * n;
    for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) swapped[base + j * m + i] = data[base + i * n + j]!;
  }
  return swapped;
}
