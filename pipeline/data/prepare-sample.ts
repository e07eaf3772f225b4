import { applyTransforms } from '../augment/apply-transforms.js';
import type { RandomSource } from '../augment/random-source.js';
import { buildTransforms } from '../augment/registry.js';
import type { SizeBefore } from '../augment/sample.js';
import type { Transform } from '../augment/transform.js';
import { type FloatImage, type LabelMap, type Raster, toFloatImage } from '../image/raster.js';
import { plainSection } from '../yml/section.js';
import type { DataSet } from './data-set.js';
import { createRandomState } from './mt19937.js';
import { type PairHashes, readPair } from './read-pair.js';

/** How samples are made. It holds plain values alone, so that it can be sent to a worker. */
export interface Recipe {
  readonly dataSet: DataSet;
  /** The `transforms:` list of its section. */
  readonly transforms: readonly unknown[];
  readonly seed: number;
}

/** Which sample, and in which epoch: both are seeds of what its transforms draw. */
export interface SampleTask {
  readonly epoch: number;
  readonly index: number;
}

export interface PreparedSample {
  readonly index: number;
  /** [channels, height, width] */
  readonly image: Float32Array<ArrayBuffer>;
  readonly shape: readonly [channels: number, height: number, width: number];
  /** In mode `val` the label has the size of its file: the prediction is resized to it. */
  readonly label: LabelMap | null;
  readonly sizes: readonly SizeBefore[];
  /** Of the files that it was made of. */
  readonly sha256: PairHashes;
}

/**
 * What makes the samples of a recipe: decoded, checked, transformed, and laid out as models want them.
 * A sample depends on recipe, epoch and index alone, never on what was made before it.
 * @throws UserError for transforms that cannot be built
 */
export async function createSampleMaker(recipe: Recipe): Promise<(task: SampleTask) => Promise<PreparedSample>> {
  const { dataSet, seed } = recipe;
  const transforms = await buildTransforms(plainSection({ transforms: recipe.transforms }, dataSet.origin));
  return async ({ epoch, index }) => {
    const { image, label, sha256 } = await readPair(dataSet, index);
    const follows = dataSet.mode !== 'val';
    const draws = createRandomState([seed, epoch, index]);
    const made = transformPixels(transforms, image, follows ? label : null, draws);
    return { ...made, index, sha256, label: follows ? made.label : label };
  };
}

/** What a network is given of a decoded image, and the label that turns with it. */
export function transformPixels(
  transforms: readonly Transform[],
  pixels: Raster<Uint8Array>,
  label: LabelMap | null,
  random: RandomSource,
): Omit<PreparedSample, 'index' | 'sha256'> {
  const [only] = transforms;
  if (transforms.length === 1 && only?.toPlanes !== undefined) {
    const { channels, height, width } = pixels;
    return { image: only.toPlanes(pixels), shape: [channels, height, width], label, sizes: [] };
  }
  const after = applyTransforms(transforms, { image: toFloatImage(pixels), label, sizes: [] }, random);
  const { channels, height, width } = after.image;
  return { image: toPlanes(after.image), shape: [channels, height, width], label: after.label, sizes: after.sizes };
}

/** [h, w, c] → [c, h, w] */
export function toPlanes({ data, channels }: FloatImage): Float32Array<ArrayBuffer> {
  const plane = data.length / channels;
  const planes = new Float32Array(data.length);
  for (let c = 0; c < channels; c++) {
    for (let i = 0, at = c; i < plane; i++, at += channels) planes[c * plane + i] = data[at]!;
  }
  return planes;
}
