import { UserError } from '../../harness/support/errors.js';
import { countBatches, listBatches, type Sharding } from './batch-sampler.js';
import { prefetch } from './prefetch.js';
import type { Recipe, SampleTask } from './prepare-sample.js';
import { startSamplePool } from './sample-pool.js';
import { type Batch, stackBatch } from './stack-batch.js';

export interface LoaderOptions {
  readonly recipe: Recipe;
  /** Of this rank. */
  readonly batchSize: number;
  readonly rank: number;
  readonly ranks: number;
  /** The first step to load for, from 0: a training that is resumed sees the batches that it would have seen. */
  readonly firstStep: number;
  /** Threads that decode and augment; 0: this one. */
  readonly workers: number;
  /** Batches that are made before they are asked for. */
  readonly batchesAhead: number;
}

export interface TrainingData extends Batch {
  readonly step: number;
  readonly epoch: number;
}

/**
 * Training batches without end, shuffled anew in every epoch; the last batch of an epoch is left out if it is not full.
 * They depend on the recipe and the step alone, not on workers or on where loading began. The workers end with the
 * loop.
 *
 * Source: the loader of paddleseg/core/train.py, 2.8.0.
 * Differs: a resumed training goes on in its epoch, where PaddleSeg begins with the first epoch's order again.
 */
export async function* loadBatches(options: LoaderOptions): AsyncGenerator<TrainingData, never, undefined> {
  const { recipe, batchSize, firstStep, workers, batchesAhead } = options;
  validateBatchSize(options);
  const pool = await startSamplePool(recipe, workers);
  const samples = prefetch(pool, listTasks(options), workers === 0 ? 0 : batchSize * batchesAhead);
  try {
    for (let step = firstStep; ; step++) {
      const parts = [];
      while (parts.length < batchSize) parts.push((await samples.next()).value!);
      const epoch = Math.floor(step / countBatches(shardingOf(options)));
      yield { step, epoch, ...stackBatch(parts, recipe.dataSet.origin) };
    }
  } finally {
    await pool.close();
  }
}

/**
 * The steps of an epoch on each rank.
 * @throws UserError if the data set is smaller than a batch: the reference waits for its first batch forever
 */
export function countSteps(options: Pick<LoaderOptions, 'recipe' | 'batchSize' | 'rank' | 'ranks'>): number {
  validateBatchSize(options);
  return countBatches(shardingOf(options));
}

/** Places in the data set that the steps before `lastStep` read, each once: a short training reads few files. */
export function listIndices(options: LoaderOptions, lastStep: number): number[] {
  const found = new Set<number>();
  let left = (lastStep - options.firstStep) * options.batchSize;
  for (const { index } of listTasks(options)) {
    if (left-- <= 0 || found.size === options.recipe.dataSet.pairs.length) break;
    found.add(index);
  }
  return [...found];
}

function validateBatchSize(options: Pick<LoaderOptions, 'recipe' | 'batchSize' | 'rank' | 'ranks'>): void {
  if (countBatches(shardingOf(options)) > 0) return;
  const { recipe, batchSize, ranks } = options;
  const { origin, pairs } = recipe.dataSet;
  const each = ranks === 1 ? '' : ` on each of ${ranks} ranks`;
  throw new UserError(
    `Cannot train on ${origin}: it has ${pairs.length} image${pairs.length === 1 ? '' : 's'} and a batch has ${batchSize}${each}; at least one full batch is wanted. Fix: a smaller batch_size`,
  );
}

function shardingOf({ recipe, batchSize, rank, ranks }: Parameters<typeof countSteps>[0]): Sharding {
  return { count: recipe.dataSet.pairs.length, batchSize, rank, ranks, shuffle: true, dropLast: true };
}

function* listTasks(options: LoaderOptions): Generator<SampleTask> {
  const sharding = shardingOf(options);
  const perEpoch = countBatches(sharding);
  const firstEpoch = Math.floor(options.firstStep / perEpoch);
  for (let epoch = firstEpoch; ; epoch++) {
    const batches = listBatches(sharding, epoch).slice(epoch === firstEpoch ? options.firstStep % perEpoch : 0);
    for (const index of batches.flat()) yield { epoch, index };
  }
}
