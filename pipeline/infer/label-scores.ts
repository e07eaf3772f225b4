import type { GivenResult } from '../../harness/contract/port.js';
import { UserError } from '../../harness/support/errors.js';
import type { SizeBefore } from '../augment/sample.js';
import type { LabelMap } from '../image/raster.js';
import { resizeNearest } from '../image/resize-nearest.js';
import { type Blend, plainBlend } from './blend.js';
import { labelBlend } from './label-blend.js';
import type { Scores } from './network.js';
import type { TestConfig } from './test-config.js';

/**
 * Labels of a network that gives these, or probabilities: turned back to the size of the file by the nearest pixel,
 * since nothing of them can be averaged.
 * @throws UserError for labels that are not class numbers
 */
export function labelScores(scores: Scores, sizes: readonly SizeBefore[]): Blend {
  const { height, width } = scores;
  const found = scores.result?.holds === 'labels' ? readLabels(scores) : labelBlend(plainBlend(scores));
  const turned = sizes.reduceRight<LabelMap>(
    (label, { kind, height: h, width: w }) =>
      kind === 'resize' ? (resizeNearest(label, h, w) as LabelMap) : cropLabels(label, h, w),
    { height, width, channels: 1, data: found },
  );
  return {
    ...plainBlend(scores),
    height: turned.height,
    width: turned.width,
    labels: turned.data,
    gives: scores.result!,
  };
}

/**
 * @throws UserError where a result that is not logits would be averaged, or resized. @param path of the file that gives
 * it
 */
export function validateAveraging(
  result: GivenResult | undefined,
  { windows, flipHorizontal, flipVertical, scales }: TestConfig,
  path: string,
): void {
  const averages = windows !== null || flipHorizontal || flipVertical || scales.some((scale) => scale !== 1);
  if (result === undefined || !averages) return;
  throw new UserError(
    `Cannot average over ${windows === null ? 'flips and scales' : 'windows'}: ${path} gives ${result.holds} (${result.by}), and only logits can be averaged; a file that gives logits is wanted. Fix: a test without flips, scales and windows`,
  );
}

function readLabels({ data }: Scores): Uint8Array {
  const stray = data.find((value) => !(Number.isInteger(value) && value >= 0 && value <= 255));
  if (stray === undefined) return Uint8Array.from(data);
  throw new UserError(`Cannot use the network's labels: one is ${stray}; class numbers from 0 to 255 are wanted`);
}

function cropLabels({ width: from, data }: LabelMap, height: number, width: number): LabelMap {
  const cropped = new Uint8Array(height * width);
  for (let y = 0; y < height; y++) cropped.set(data.subarray(y * from, y * from + width), y * width);
  return { height, width, channels: 1, data: cropped };
}
