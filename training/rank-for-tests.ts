import { parentPort, workerData } from 'node:worker_threads';
import { type Float32NdArray, float32NdArray } from '../harness/contract/nd-array.js';
import type { Collective, StepReport, TrainingSession, TrainRequest } from '../harness/contract/port.js';
import { isBuffer } from '../harness/golden/seeded.js';
import { drawBatch, drawWeights, pickImages } from './small-training-for-tests.js';

/** What a port's module for these tests exports: the small network in training, on one thread of the processor. */
export interface RankModule {
  start(weights: ReadonlyMap<string, Float32NdArray>, request: TrainRequest): Promise<TrainingSession>;
}

export interface RankOrder {
  /** The address of a RankModule. */
  readonly module: string;
  readonly seed: number;
  readonly request: TrainRequest;
  readonly steps: number;
  /** The order of the images of all ranks together. */
  readonly images: readonly number[];
  /** Whose first image holds Inf. */
  readonly brokenRank: number | null;
  readonly rank: number;
  readonly size: number;
  readonly shared: SharedArrayBuffer;
}

export interface RankResult {
  readonly reports: readonly StepReport[];
  /** Of the first step. */
  readonly gradients: ReadonlyMap<string, Float32NdArray>;
  /** Parameters and statistics after the last. */
  readonly values: ReadonlyMap<string, Float32NdArray>;
}

if (parentPort !== null) parentPort.postMessage(await train(workerData as RankOrder));

async function train({
  module,
  seed,
  request,
  steps,
  images,
  brokenRank,
  rank,
  size,
  shared,
}: RankOrder): Promise<RankResult> {
  const { start } = (await import(module)) as RankModule;
  const weights = drawWeights(seed);
  const ranks = collectiveOfThreads(shared, rank, size);
  const session = await start(weights, { ...request, ranks });
  const names = [...weights.keys()].filter((name) => !isBuffer(name));
  const reports: StepReport[] = [];
  const gradients = new Map<string, Float32NdArray>();
  for (let step = 0; step < steps; step++) {
    const each = images.length / size;
    const batch = pickImages(drawBatch(seed + step, images.length), images.slice(rank * each, (rank + 1) * each));
    if (brokenRank === rank) batch.inputs.get('image')!.data[0] = Number.POSITIVE_INFINITY;
    const wanted = step === 0 ? names : [];
    reports.push(await session.step({ ...batch, gradients: wanted }, (name, value) => void gradients.set(name, value)));
  }
  const values = new Map<string, Float32NdArray>();
  await session.read([...weights.keys()], (name, { shape, data }) => {
    values.set(name, float32NdArray(shape, data.slice()));
  });
  await session.dispose();
  return { reports, gradients, values };
}

/** Sums over threads of one process: each writes its share, waits for the others, and adds all in the same order. */
function collectiveOfThreads(shared: SharedArrayBuffer, rank: number, size: number): Collective {
  const counters = new Int32Array(shared, 0, 2);
  const floats = (shared.byteLength - 8) / 4 / size;
  const shares = Array.from(
    { length: size },
    (_, of) => new Float32Array(shared, 8 + Math.floor(floats) * 4 * of, Math.floor(floats)),
  );
  /** Until all have come; each goes on once the round is over. */
  const barrier = () => {
    const round = Atomics.load(counters, 1);
    if (Atomics.add(counters, 0, 1) === size - 1) {
      Atomics.store(counters, 0, 0);
      Atomics.add(counters, 1, 1);
      Atomics.notify(counters, 1);
    } else if (Atomics.wait(counters, 1, round, 60_000) === 'timed-out') throw new Error('the other rank did not come');
  };
  return {
    rank,
    size,
    sum(values) {
      shares[rank]!.set(values);
      barrier();
      for (let at = 0; at < values.length; at++) {
        values[at] = shares.reduce((total, share) => total + share[at]!, 0);
      }
      barrier();
    },
  };
}
