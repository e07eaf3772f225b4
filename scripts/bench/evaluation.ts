import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { EnvironmentError } from '../../harness/support/errors.js';
import { packageRoot } from '../../harness/support/package-root.js';
import { publishedModes } from '../../models/released-model.js';
import { planEvaluation } from '../../pipeline/config/evaluation-plan.js';
import { evaluate } from '../../pipeline/evaluate/evaluate.js';
import { type ImageNetworks, openNetwork } from '../../pipeline/infer/open-network.js';
import { plainTest, type TestConfig } from '../../pipeline/infer/test-config.js';
import { publishedTests } from '../../pipeline/published/published-modes.js';
import { loadWeights } from '../../pipeline/tools/load-weights.js';
import { readPaddleSegConfig } from '../../pipeline/yml/paddleseg-yml.js';
import { ensureOracle } from '../oracle-environment.js';
import type { Contender } from './contenders.js';
import { type BenchData, writeBenchData } from './evaluation-data.js';
import type { Peers } from './peers.js';
import { type RaceRow, raceContenders, type Start } from './race.js';

export interface EvaluationBenchRequest {
  readonly rounds: number;
  /** Whether PaddleSeg evaluates too. */
  readonly peers: Peers;
  readonly say: (line: string) => void;
}

/** What an evaluation costs beside the forward passes in it. */
export interface EvaluationCostRow {
  readonly mode: string;
  /** A picture, all included: waiting for it to be read, inferring, turning back, averaging, argmax, counting. */
  readonly imageMs: number;
  readonly forwardMs: number;
  readonly ratio: number;
}

/** Resident memory, the engine's included, as an evaluation goes on. */
export interface EvaluationMemoryRow {
  readonly images: number;
  readonly rssMb: number;
}

export const paddleSegName = 'PaddleSeg';
/** Both build the network within the time that counts; over so many images it is a small part. */
const imagesOfRace = 20;

/**
 * Whole evaluations of 1024×2048 photographs, time an image: `tipcheck val` beside what PaddleSeg's tools/val.py does.
 */
export async function benchEvaluation(request: EvaluationBenchRequest): Promise<RaceRow[]> {
  return withData(imagesOfRace, (data) => {
    const ours: Start = ['tipcheck val --port ort', async () => [startOurs(data)]];
    const theirs: Start = [paddleSegName, async () => [await startPaddleSeg(data, request.say)]];
    return raceContenders(request.peers === 'none' ? [ours] : [ours, theirs], request);
  });
}

function startOurs({ config, weights }: BenchData): Contender {
  return {
    name: 'tipcheck val --port ort',
    async run() {
      const json = join(config, '..', 'found.json');
      const program = [join(packageRoot, 'cli', 'tipcheck.mjs'), 'val', '--config', config];
      const env = { TIPCHECK_SKIP_ENSURE: '1' };
      await execa(process.execPath, [...program, '--model_path', weights, '--json', json], { env });
      const { seconds, peakRssMb } = JSON.parse(await readFile(json, 'utf8')) as Record<string, number>;
      return { ms: (seconds! * 1000) / imagesOfRace, peakRssMb: peakRssMb! };
    },
    close: async () => undefined,
  };
}

async function startPaddleSeg({ config, weights }: BenchData, say: (line: string) => void): Promise<Contender> {
  const { python } = await ensureOracle(say, 'data');
  return {
    name: paddleSegName,
    async run() {
      const args = ['-m', 'oracle.val', '--config', config, '--model_path', weights];
      // Paddle's own default is one thread.
      const env = { OMP_NUM_THREADS: String(cpus().length) };
      const { stdout } = await execa(python, args, { cwd: packageRoot, env });
      const last = JSON.parse(stdout.trim().split('\n').at(-1)!) as Record<string, number>;
      if (last.images !== imagesOfRace) throw new EnvironmentError(`PaddleSeg evaluated ${last.images} images`);
      return { ms: (last.seconds! * 1000) / imagesOfRace, peakRssMb: last.peak_rss_mb! };
    },
    close: async () => undefined,
  };
}

/** In each mode of the published table: an image's time, and that of the forward passes in it. */
export async function benchEvaluationCost({ say }: EvaluationBenchRequest): Promise<EvaluationCostRow[]> {
  return withData(1, (data) =>
    withEvaluation(data, async (run) => {
      const rows: EvaluationCostRow[] = [];
      await run(plainTest, 1);
      for (const mode of publishedModes) {
        const images = 4;
        const { totalMs, forwardMs } = await run(publishedTests[mode], images);
        say(`${mode}: ${images} images`);
        rows.push({
          mode,
          imageMs: totalMs / images,
          forwardMs: forwardMs / images,
          ratio: totalMs / forwardMs,
        });
      }
      return rows;
    }),
  );
}

export const memoryImages = [10, 25, 50, 100] as const;

/** Of one evaluation of 100 images. */
export async function benchEvaluationMemory({ say }: EvaluationBenchRequest): Promise<EvaluationMemoryRow[]> {
  return withData(2, (data) =>
    withEvaluation(data, async (run) => {
      const rows: EvaluationMemoryRow[] = [];
      await run(plainTest, memoryImages.at(-1)!, (images) => {
        if (!memoryImages.some((at) => at === images)) return;
        rows.push({ images, rssMb: process.memoryUsage.rss() / 2 ** 20 });
        say(`${images} images`);
      });
      return rows;
    }),
  );
}

type Run = (
  config: TestConfig,
  images: number,
  onImage?: (done: number) => void,
) => Promise<{ readonly totalMs: number; readonly forwardMs: number }>;

/** The command's own parts in this process, forward passes timed. */
async function withEvaluation<T>({ config, weights }: BenchData, use: (run: Run) => Promise<T>): Promise<T> {
  const plan = await planEvaluation(await readPaddleSegConfig(config));
  const options = { model_path: weights, port: 'ort', device: 'cpu' } as const;
  const { port, loaded } = await loadWeights(options, plan.model, process.env);
  const networks = await openNetwork(loaded, plan.model, { kind: 'fixed', seed: 5, name: 'bases' });
  try {
    return await use(async (test, images, onImage) => {
      let forwardMs = 0;
      const timed: ImageNetworks = {
        ...networks,
        of: (image) => async (planes) => {
          const startedAt = performance.now();
          const logits = await networks.of(image)(planes);
          forwardMs += performance.now() - startedAt;
          return logits;
        },
      };
      const { pairs } = plan.recipe.dataSet;
      const indices = Array.from({ length: images }, (_, at) => at % pairs.length);
      let done = 0;
      const startedAt = performance.now();
      await evaluate({
        network: timed,
        recipe: plan.recipe,
        config: test,
        workers: 1,
        indices,
        onImage: () => onImage?.(++done),
      });
      return { totalMs: performance.now() - startedAt, forwardMs };
    });
  } finally {
    await loaded.dispose();
    await port.close();
  }
}

async function withData<T>(images: number, use: (data: BenchData) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'tipcheck-bench-'));
  try {
    return await use(await writeBenchData(folder, images));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
