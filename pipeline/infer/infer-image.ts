import { UserError } from '../../harness/support/errors.js';
import type { SizeBefore } from '../augment/sample.js';
import { type Blend, type BlendTerm, computeBlend, plainBlend } from './blend.js';
import { labelScores, validateAveraging } from './label-scores.js';
import type { Network, Scores } from './network.js';
import { addPlanes, cropPlanes, type Flip, flipPlanes, type Planes } from './planes.js';
import { resizePlanes } from './resize-planes.js';
import type { TestConfig } from './test-config.js';

/**
 * The averaged logits of one transformed image, turned back to the size of its file: whole or by windows, over scales
 * and flips. Logits are averaged, not probabilities. They are float64 where windows are averaged, else float32, as in
 * the reference.
 *
 * Source: inference and aug_inference of paddleseg/core/infer.py, 2.8.0. Differs: what is linear is put together, the
 * network's own last resizing included: the flips of a scale are summed before they are resized, and no step between is
 * rounded to float32.
 * @param sizes what transforms did to the size, the first first
 */
export async function inferImage(
  network: Network,
  image: Planes<Float32Array>,
  sizes: readonly SizeBefore[],
  config: TestConfig,
): Promise<Blend> {
  const { height, width } = image;
  const flips = listFlips(config);
  const isOnly = flips.length * config.scales.length === 1;
  const terms: BlendTerm[] = [];
  for (const scale of config.scales) {
    const scaled = resizePlanes(image, Math.trunc(height * scale + 0.5), Math.trunc(width * scale + 0.5));
    let sum: Planes | null = null;
    for (const flip of flips) {
      const scores = await inferOnce(guard(network, config), flipPlanes(scaled, flip), config);
      if (scores.result !== undefined) return labelScores(scores as Scores, sizes);
      // Where no other call follows, the array is not used again, and needs no copy.
      sum = isOnly ? scores : addFlipped(sum, scores, flip);
    }
    terms.push({ planes: sum!, through: [scaled, image] });
  }
  const [{ planes }] = terms as [BlendTerm];
  const blend = { channels: planes.channels, height, width, terms, divisor: config.scales.length * flips.length };
  return sizes.length === 0 ? blend : plainBlend(reverseSizes(computeBlend(blend), sizes));
}

/** What is not logits is never averaged, wherever it comes from. */
function guard(network: Network, config: TestConfig): Network {
  return async (image) => {
    const scores = await network(image);
    validateAveraging(scores.result, config, 'the network');
    return scores;
  };
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

/** What was flipped is turned back and added into `sum`, which is its own; the first becomes one by a copy. */
function addFlipped(sum: Planes | null, logits: Planes, flip: Flip): Planes {
  if (sum === null) return { ...logits, data: flipPlanes(logits, flip).data.slice() };
  addPlanes(sum, logits, flip);
  return sum;
}

function inferOnce(
  network: Network,
  image: Planes<Float32Array>,
  { windows }: TestConfig,
): Promise<Planes & Pick<Scores, 'result'>> {
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
      const scores = await network(cropPlanes(image, top, left, bottom - top, right - left));
      const { channels, data } = resizePlanes(scores, bottom - top, right - left);
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
  for (let at = 0; at < data.length; at += count.length)
    for (let p = 0; p < count.length; p++) data[at + p]! /= count[p]!;
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
