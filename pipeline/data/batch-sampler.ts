import { createRandomState } from './mt19937.js';

export interface Sharding {
  /** How many samples the data set has. */
  readonly count: number;
  /** Of one rank. */
  readonly batchSize: number;
  readonly rank: number;
  readonly ranks: number;
  readonly shuffle: boolean;
  /** Leave out a last batch that is not full. */
  readonly dropLast: boolean;
}

/** Batches that one rank makes of an epoch. Nought where the data set is smaller than a batch and `dropLast` is set. */
export function countBatches({ count, batchSize, ranks, dropLast }: Sharding): number {
  const own = Math.ceil(count / ranks);
  return dropLast ? Math.floor(own / batchSize) : Math.ceil(own / batchSize);
}

/**
 * Which samples a rank's batches hold in an epoch (from 0), whose number is the seed of the order. The list is filled
 * up from its start to a multiple of the ranks, shuffled, and dealt out a batch to each rank in turn; a last round that
 * is not full is shared evenly.
 *
 * Source: paddle.io.DistributedBatchSampler of paddlepaddle 3.3.1, with NumPy's shuffle.
 */
export function listBatches(sharding: Sharding, epoch: number): number[][] {
  const own = listOwn(sharding, shuffled(sharding, epoch));
  const batches: number[][] = [];
  for (let at = 0; at < own.length; at += sharding.batchSize) batches.push(own.slice(at, at + sharding.batchSize));
  return batches.slice(0, countBatches(sharding));
}

function shuffled({ count, ranks, shuffle }: Sharding, epoch: number): number[] {
  const total = Math.ceil(count / ranks) * ranks;
  const order = Array.from({ length: total }, (_, i) => i % count);
  if (shuffle) createRandomState(epoch).shuffle(order);
  return order;
}

function listOwn({ batchSize, rank, ranks }: Sharding, order: readonly number[]): number[] {
  const round = batchSize * ranks;
  const rest = order.length % round;
  const own: number[] = [];
  for (let at = rank * batchSize; at < order.length - rest; at += round) own.push(...order.slice(at, at + batchSize));
  const share = rest / ranks;
  const start = order.length - rest + rank * share;
  own.push(...order.slice(start, start + share));
  return own;
}
