import { applyTransforms } from '../augment/apply-transforms.js';
import { buildTransforms } from '../augment/registry.js';
import type { Sample, SizeBefore } from '../augment/sample.js';
import { plainSection } from '../config/section.js';
import type { FloatImage, LabelMap } from '../image/raster.js';
import type { DataSet } from './data-set.js';
import { createRandomState } from './mt19937.js';
import { readPair } from './read-pair.js';

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
    const { image, label } = await readPair(dataSet, index);
    const follows = dataSet.mode !== 'val';
    const before: Sample = { image, label: follows ? label : null, sizes: [] };
    const after = applyTransforms(transforms, before, createRandomState([seed, epoch, index]));
    return {
      index,
      image: toPlanes(after.image),
      shape: [after.image.channels, after.image.height, after.image.width],
      label: follows ? after.label : label,
      sizes: after.sizes,
    };
  };
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
