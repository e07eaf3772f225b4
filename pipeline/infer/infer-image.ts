import { UserError } from '../../harness/support/errors.js';
import type { SizeBefore } from '../augment/sample.js';
import { cropPlanes, type Flip, flipPlanes, type Planes } from './planes.js';
import { resizePlanes } from './resize-planes.js';
import type { TestConfig } from './test-config.js';

/** The network: an image to logits of its size. The logits' array may be used again by the next call. */
export type Network = (image: Planes<Float32Array>) => Promise<Planes<Float32Array>>;

/**
 * The averaged logits of one transformed image, turned back to the size of its file: whole or by windows, over scales and flips.
 * Logits are averaged, not probabilities. They are float64 where windows are averaged, else float32, as in the reference.
 *
 * Source: inference and aug_inference of paddleseg/core/infer.py, 2.8.0.
 * @param sizes what transforms did to the size, the first first
 */
export async function inferImage(
  network: Network,
  image: Planes<Float32Array>,
  sizes: readonly SizeBefore[],
  config: TestConfig,
): Promise<Planes> {
  const logits = config.augmented
    ? await inferAugmented(network, image, config)
    : await inferOnce(network, image, config);
  return reverseSizes(logits, sizes);
}

async function inferAugmented(network: Network, image: Planes<Float32Array>, config: TestConfig): Promise<Planes> {
  const { height, width } = image;
  const flips = listFlips(config);
  let sum: Planes | null = null;
  for (const scale of config.scales) {
    const scaled = resizePlanes(image, Math.trunc(height * scale + 0.5), Math.trunc(width * scale + 0.5));
    for (const flip of flips) {
      const logits = await inferOnce(network, flipPlanes(scaled, flip), config);
      sum = add(sum, resizePlanes(flipPlanes(logits, flip), height, width));
    }
  }
  const { data } = sum!;
  const count = config.scales.length * flips.length;
  for (let i = 0; i < data.length; i++) data[i]! /= count;
  return sum!;
}

/** The reference's order: as it is, mirrored left to right, upside down, both. */
function listFlips({ flipHorizontal, flipVertical }: TestConfig): Flip[] {
  return [
    { horizontal: false, vertical: false },
    ...(flipHorizontal ? [{ horizontal: true, vertical: false }] : []),
    ...(flipVertical ? [{ horizontal: false, vertical: true }] : []),
    ...(flipHorizontal && flipVertical ? [{ horizontal: true, vertical: true }] : []),
  ];
}

/** Into the first, which is a copy of its own. */
function add(sum: Planes | null, logits: Planes): Planes {
  if (sum === null) return { ...logits, data: logits.data.slice() };
  const { data } = sum;
  for (let i = 0; i < data.length; i++) data[i]! += logits.data[i]!;
  return sum;
}

function inferOnce(network: Network, image: Planes<Float32Array>, { windows }: TestConfig): Promise<Planes> {
  return windows === null ? network(image) : inferWindows(network, image, windows);
}

/** Windows that would leave the image are moved back into it; an image that is smaller is used as it is. */
async function inferWindows(
  network: Network,
  image: Planes<Float32Array>,
  { cropSize: [cropWidth, cropHeight], stride: [strideX, strideY] }: NonNullable<TestConfig['windows']>,
): Promise<Planes<Float64Array>> {
  const { height, width } = image;
  const count = new Float64Array(height * width);
  let sum: Planes<Float64Array> | null = null;
  for (const bottom of ends(height, cropHeight, strideY)) {
    const top = Math.max(bottom - cropHeight, 0);
    for (const right of ends(width, cropWidth, strideX)) {
      const left = Math.max(right - cropWidth, 0);
      const { channels, data } = await network(cropPlanes(image, top, left, bottom - top, right - left));
      sum ??= { channels, height, width, data: new Float64Array(channels * height * width) };
      for (let c = 0, at = 0; c < channels; c++) {
        for (let y = top; y < bottom; y++)
          for (let x = left; x < right; x++, at++) sum.data[(c * height + y) * width + x]! += data[at]!;
      }
      for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) count[y * width + x]! += 1;
    }
  }
  if (count.includes(0))
    throw new UserError(
      `Cannot infer by windows of ${cropWidth}×${cropHeight} every ${strideX}×${strideY} pixels: they leave some of ${width}×${height} out; a stride of at most the window is wanted`,
    );
  const { data } = sum!;
  for (let i = 0; i < data.length; i++) data[i]! /= count[i % count.length]!;
  return sum!;
}

/** Where windows end along a side, the last at the border. */
function ends(side: number, crop: number, stride: number): number[] {
  const windows = side <= crop ? 1 : Math.ceil((side - crop) / stride) + 1;
  return Array.from({ length: windows }, (_, at) => Math.min(at * stride + crop, side));
}

function reverseSizes(logits: Planes, sizes: readonly SizeBefore[]): Planes {
  return sizes.reduceRight<Planes>(
    (turned, { kind, height, width }) =>
      kind === 'resize' ? resizePlanes(turned, height, width) : cropPlanes(turned, 0, 0, height, width),
    logits,
  );
}
