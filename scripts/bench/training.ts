import { elementCount, float32NdArray } from '../../harness/contract/nd-array.js';
import type { TrainRequest } from '../../harness/contract/port.js';
import type { GoldenTraining } from '../../harness/golden/bundle.js';
import { resolveBundleFolder } from '../../harness/golden/list-shipped.js';
import { readBundle } from '../../harness/golden/read-bundle.js';
import { uniform } from '../../harness/golden/seeded.js';
import { type PortTarget, resolvePort } from '../../harness/hosts/resolve-port.js';
import { type HostBatch, startSubprocessHost } from '../../harness/hosts/subprocess-host.js';
import { seededDraws } from '../../pipeline/train/training-draws.js';
import type { Contender } from './contenders.js';
import { startPeers } from './peers.js';
import { type RaceRow, raceContenders, type Start, withContenders } from './race.js';

export interface TrainingBenchRequest {
  readonly rounds: number;
  /** Whether Paddle trains too. */
  readonly peers: boolean;
  readonly say: (line: string) => void;
}

/** What a row shows of memory: peaks early and late are equal where nothing is left behind. */
export interface TrainingMemoryRow {
  readonly name: string;
  readonly reason: string | null;
  readonly settledMb: number;
  readonly lastMb: number;
}

/** One training step of MSCAN_T in each contender, round after round, on a batch from memory. */
export async function benchTraining(request: TrainingBenchRequest): Promise<RaceRow[]> {
  return raceContenders(await listStarts(request), request);
}

export const trainingShape = [2, 3, 256, 256] as const;
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

/** The weights, the optimizer, its schedule and the loss are those of this bundle. */
export const bundleName = 'segnext-t-train';
const classes = 19;
const seed = 1;

async function listStarts({ peers, say }: TrainingBenchRequest): Promise<readonly Start[]> {
  const bundle = await readBundle(resolveBundleFolder(bundleName));
  const { train } = bundle;
  if (train === null) throw new Error(`${bundleName} is not a train bundle`);
  const batch = await drawBatch(bundle.model);
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
  return peers ? [...ours, [paddleName, () => startPeers([paddleName], peerArguments(train), say)]] : ours;
}

export const paddleName = 'paddle-training';

export function requestOf({ optimizer, lrScheduler, loss }: GoldenTraining): TrainRequest {
  return { optimizer, lrScheduler, loss, iters: 1000 };
}

function peerArguments(train: GoldenTraining): string[] {
  const { optimizer, lrScheduler, loss, iters } = requestOf(train);
  const [batch, , height, width] = trainingShape;
  const sections = { optimizer, lr_scheduler: lrScheduler, loss, iters };
  return ['--size', `${height}x${width}`, '--batch', String(batch), '--training', JSON.stringify(sections)];
}

export async function drawBatch(model: Parameters<typeof seededDraws>[0]): Promise<HostBatch> {
  const [b, , h, w] = trainingShape;
  const image = Float32Array.from(uniform(seed, 'image', elementCount(trainingShape)), (u) => 4 * u - 2);
  // About a tenth is ignored, as many as in Cityscapes.
  const label = BigInt64Array.from(uniform(seed, 'label', b * h * w), (u) =>
    u < 0.1 ? 255n : BigInt(Math.floor(((u - 0.1) / 0.9) * classes)),
  );
  return {
    inputs: new Map([['image', float32NdArray(trainingShape, image)]]),
    label: { dtype: 'i8', shape: [b, h, w], data: label },
    draws: (await seededDraws(model, seed, 0))(0, trainingShape),
    gradients: [],
  };
}
