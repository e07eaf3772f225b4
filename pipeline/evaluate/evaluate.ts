import { type Confusion, newConfusion } from '../../harness/metrics/confusion.js';
import { EnvironmentError, UserError } from '../../harness/support/errors.js';
import { openSampleQueue } from '../data/prefetch.js';
import type { PreparedSample, Recipe } from '../data/prepare-sample.js';
import type { PairHashes } from '../data/read-pair.js';
import { startSamplePool } from '../data/sample-pool.js';
import type { LabelMap } from '../image/raster.js';
import { type Blend, computeBlend } from '../infer/blend.js';
import { inferImage } from '../infer/infer-image.js';
import { labelBlend } from '../infer/label-blend.js';
import type { ImageNetworks } from '../infer/open-network.js';
import type { Planes } from '../infer/planes.js';
import type { TestConfig } from '../infer/test-config.js';
import { findNonFinite, validateFinite } from '../infer/validate-finite.js';

export interface EvaluateOptions {
  readonly network: ImageNetworks;
  /** Of a data set in mode `val`. */
  readonly recipe: Recipe;
  readonly config: TestConfig;
  /** Threads that read and transform ahead; 0: this one. */
  readonly workers: number;
  /** Places in the data set; absent: all of them, in order. */
  readonly indices?: readonly number[];
  /** Whether NaN and Inf are `onImage`'s to judge; else they are an error. */
  readonly acceptsNonFinite?: boolean;
  /** In place of inferImage: tests infer wrongly, to see that it is noticed. */
  readonly infer?: typeof inferImage;
  /** Called once an image; what it is given is valid until it returns. */
  onImage?(image: EvaluatedImage): void | Promise<void>;
}

export interface EvaluatedImage {
  readonly index: number;
  /** Averaged, of the size of the image's file; computed when they are asked for. */
  readonly logits: () => Planes;
  /** Whether every score is a finite number; looked for when it is asked. */
  readonly allFinite: () => boolean;
  /** [h, w] */
  readonly labels: Uint8Array;
  /** The label's file. */
  readonly truth: LabelMap;
  readonly confusion: Confusion;
  /** Of the files that were evaluated. */
  readonly sha256: PairHashes;
}

/** What was found on one image. */
export interface ImageEvaluation {
  readonly index: number;
  readonly confusion: Confusion;
}

/** Images that are made before they are asked for, for each worker. */
const imagesAhead = 2;

/**
 * Infers every image of a data set and counts labels against predictions, image by image. Reading and transforming the
 * next images goes on in workers meanwhile.
 *
 * Source: evaluate in paddleseg/core/val.py, 2.8.0.
 * @throws UserError for what cannot be read, a label of another size, a network with another number of classes, and NaN
 *   or Inf
 */
export async function evaluate(options: EvaluateOptions): Promise<ImageEvaluation[]> {
  const { recipe, workers, network, config, onImage, infer = inferImage } = options;
  const indices = options.indices ?? recipe.dataSet.pairs.map((_, at) => at);
  const pool = await startSamplePool(recipe, workers);
  const found: ImageEvaluation[] = [];
  try {
    const tasks = indices.map((index) => ({ epoch: 0, index }));
    const queue = openSampleQueue(pool, tasks, workers * imagesAhead);
    // The first images are read while the network is built.
    queue.refill();
    await network.prepare();
    for (let sample = await queue.take(); sample !== null; sample = await queue.take()) {
      const { index, shape, image, sha256 } = sample;
      const [channels, height, width] = shape;
      const blend = await infer(network.of(index), { channels, height, width, data: image }, sample.sizes, config);
      // A forward pass has all processors; what follows has one, and leaves the others to the reading of another image.
      queue.refill();
      if (options.acceptsNonFinite !== true) validateFinite(blend, recipe.dataSet.pairs[index]!.image);
      const labels = labelBlend(blend);
      const confusion = countConfusion(sample, blend, labels, recipe);
      const allFinite = () => findNonFinite(blend) === null;
      await onImage?.({
        index,
        logits: () => computeBlend(blend),
        allFinite,
        labels,
        truth: sample.label!,
        confusion,
        sha256,
      });
      found.push({ index, confusion });
    }
  } finally {
    await pool.close();
  }
  if (found.length !== indices.length) throw new Error(`${found.length} of ${indices.length} images were evaluated`);
  return found;
}

function countConfusion(
  { index, label }: PreparedSample,
  blend: Blend,
  labels: Uint8Array,
  { dataSet }: Recipe,
): Confusion {
  const { height, width } = blend;
  const { classes, ignoreIndex, pairs, origin } = dataSet;
  const path = pairs[index]?.image;
  if (label === null)
    throw new UserError(`Cannot evaluate ${path}: it has no label; a data set with labels is wanted (${origin})`);
  validateClasses(blend, labels, dataSet);
  if (label.height !== height || label.width !== width)
    throw new EnvironmentError(
      `Cannot evaluate ${path}: the prediction is ${width}×${height} and the label ${label.width}×${label.height}; one size is wanted`,
    );
  const confusion = newConfusion(classes);
  const { data } = label;
  const { counts } = confusion;
  for (let p = 0; p < data.length; p++) {
    const truth = data[p]!;
    if (truth !== ignoreIndex) counts[truth * classes + labels[p]!]! += 1;
  }
  return confusion;
}

/** Of labels, a network's classes are not known: those that it gives must be the data set's. */
function validateClasses({ channels, gives }: Blend, labels: Uint8Array, { classes, origin }: Recipe['dataSet']): void {
  const stray = gives?.holds === 'labels' ? labels.find((label) => label >= classes) : undefined;
  if (stray !== undefined)
    throw new UserError(
      `Cannot evaluate ${origin}: the network gives the class ${stray} and the data set has ${classes} classes, from 0; as many are wanted`,
    );
  if (gives?.holds !== 'labels' && channels !== classes)
    throw new UserError(
      `Cannot evaluate ${origin}: the network tells ${channels} classes apart and the data set has ${classes}; as many are wanted`,
    );
}
