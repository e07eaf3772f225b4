import { elementCount, float32NdArray } from '../../harness/contract/nd-array.js';
import type { ModelSection, TrainRequest } from '../../harness/contract/port.js';
import type { Bundle, GoldenTraining } from '../../harness/golden/bundle.js';
import { uniform } from '../../harness/golden/seeded.js';
import { type PortTarget, resolvePort } from '../../harness/hosts/resolve-port.js';
import { type HostBatch, startSubprocessHost } from '../../harness/hosts/subprocess-host.js';
import { seededDraws } from '../../pipeline/train/training-draws.js';
import type { Contender, Size } from './contenders.js';
import { networkArguments, type Peers, startPeers } from './peers.js';
import { type RaceRow, raceContenders, type Start, withContenders } from './race.js';

export interface TrainingBenchRequest {
  /** Of phase train: the network, its weights, optimizer, schedule and loss. */
  readonly bundle: Bundle;
  readonly size: Size;
  /** Whether Paddle trains too. */
  readonly peers: Peers;
  readonly say: (line: string) => void;
}

/** What a row shows of memory: peaks early and late are equal where nothing is left behind. */
export interface TrainingMemoryRow {
  readonly name: string;
  readonly reason: string | null;
  readonly settledMb: number;
  readonly lastMb: number;
}

/** One training step of the bundle's network in each contender, round after round, on a batch from memory. */
export async function benchTraining(request: TrainingBenchRequest & { readonly rounds: number }): Promise<RaceRow[]> {
  return raceContenders(await listStarts(request), request);
}

export const batchSize = 2;
export const memorySteps = { settled: 10, last: 200 } as const;

/** The most memory that each contender held after its tenth step and after its last, one contender after another. */
export async function benchTrainingMemory(request: TrainingBenchRequest): Promise<TrainingMemoryRow[]> {
  const rows: TrainingMemoryRow[] = [];
  for (const start of await listStarts(request)) {
    const failed = await withContenders([start], request.say, async ([contender]) => {
      if (contender !== undefined) rows.push(await measureMemory(contender));
      return [];
    });
    rows.push(...failed.map(({ name, reason }) => ({ name, reason, settledMb: Number.NaN, lastMb: Number.NaN })));
  }
  return rows;
}

async function measureMemory(contender: Contender): Promise<TrainingMemoryRow> {
  let [settledMb, lastMb] = [Number.NaN, Number.NaN];
  for (let step = 1; step <= memorySteps.last; step++) {
    lastMb = (await contender.run()).peakRssMb;
    if (step === memorySteps.settled) settledMb = lastMb;
  }
  return { name: contender.name, reason: null, settledMb, lastMb };
}

const seed = 1;

async function listStarts({ bundle, size, peers, say }: TrainingBenchRequest): Promise<readonly Start[]> {
  const train = bundle.train!;
  const batch = await drawBatch(bundle.model, size);
  const start = (name: string, port: PortTarget): Start => [
    name,
    async () => {
      const { module, settings } = port;
      const host = await startSubprocessHost(name, { module, settings, device: 'cpu', silenceMs: 600_000 });
      try {
        await host.load(bundle);
        await host.train(requestOf(train));
        const run = async () => {
          const { durationMs, peakRssMb, loss } = await host.step(batch, () => undefined);
          if (!Number.isFinite(loss)) throw new Error(`${name}: the loss is ${loss}`);
          return { ms: durationMs, peakRssMb };
        };
        return [{ name, run, close: () => host.close() }];
      } catch (error) {
        await host.close();
        throw error;
      }
    },
  ];
  const ort = (blocked: boolean): PortTarget => ({ ...resolvePort('ort'), settings: { blocked } });
  const ours = [
    start('ort (nchwc)', ort(true)),
    start('ort (standard)', ort(false)),
    start('tfjs', resolvePort('tfjs')),
  ];
  const args = [...networkArguments(bundle.model, size), ...trainingArguments(train)];
  return peers === 'none' ? ours : [...ours, [paddleName, () => startPeers([paddleName], args, say)]];
}

export const paddleName = 'paddle-training';

export function requestOf({ optimizer, lrScheduler, loss }: GoldenTraining): TrainRequest {
  return { optimizer, lrScheduler, loss, iters: 1000 };
}

function trainingArguments(train: GoldenTraining): readonly string[] {
  const { optimizer, lrScheduler, loss, iters } = requestOf(train);
  const sections = { optimizer, lr_scheduler: lrScheduler, loss, iters };
  return ['--batch', String(batchSize), '--training', JSON.stringify(sections)];
}

/** Two images, and labels of as many classes as the network has. */
export async function drawBatch(model: ModelSection, size: Size): Promise<HostBatch> {
  const classes = Number(model.num_classes);
  const shape = [batchSize, 3, ...size];
  const image = Float32Array.from(uniform(seed, 'image', elementCount(shape)), (u) => 4 * u - 2);
  // About a tenth is ignored, as many as in Cityscapes.
  const label = BigInt64Array.from(uniform(seed, 'label', batchSize * size[0] * size[1]), (u) =>
    u < 0.1 ? 255n : BigInt(Math.floor(((u - 0.1) / 0.9) * classes)),
  );
  return {
    inputs: new Map([['image', float32NdArray(shape, image)]]),
    label: { dtype: 'i8', shape: [batchSize, ...size], data: label },
    draws: (await seededDraws(model, seed, 0))(0, shape),
    gradients: [],
  };
}
