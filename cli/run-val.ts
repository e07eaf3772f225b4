import { readPaddleSegConfig } from '../harness/config/paddleseg-yml.js';
import type { Device, EngineReport, LoadedModel } from '../harness/hosts/port-contract.js';
import { type AbsentClass, type Confusion, sumConfusions } from '../harness/metrics/confusion.js';
import { writeAtomicFile } from '../harness/support/atomic-file.js';
import { UserError } from '../harness/support/errors.js';
import { applyOpts } from '../pipeline/config/apply-opts.js';
import { planEvaluation } from '../pipeline/config/evaluation-plan.js';
import { checkFiles } from '../pipeline/data/check-files.js';
import { evaluate, type ImageEvaluation } from '../pipeline/evaluate/evaluate.js';
import { indicesOfRank, joinEvaluations } from '../pipeline/evaluate/join-evaluations.js';
import { openKeptFolder, readKept, readKeptRecord, writeKept } from '../pipeline/evaluate/kept-evaluation.js';
import { measureSegmentation, type Segmentation, validateCounted } from '../pipeline/evaluate/measure-segmentation.js';
import { renderEval } from '../pipeline/evaluate/render-eval.js';
import { measureSpread, renderSpread } from '../pipeline/evaluate/spread.js';
import { measureSha256 } from '../pipeline/fetch/sha256-record.js';
import { type DrawnBases, openNetwork, parseBases } from '../pipeline/infer/open-network.js';
import type { TestConfig } from '../pipeline/infer/test-config.js';
import type { Ranks } from '../pipeline/ranks/ranks.js';
import { createProgress } from '../scripts/native/progress.js';
import { chooseTestConfig, type TestOptions } from './choose-test-config.js';
import { loadWeights } from './load-weights.js';
import { logLine } from './log.js';
import { describePort } from './open-port.js';
import { joinLaunchedRanks, threadsPerRank } from './rank-environment.js';

export interface ValOptions extends TestOptions {
  readonly config: string;
  readonly model_path: string;
  readonly port: string;
  readonly device: Device;
  readonly num_workers: number;
  readonly opts?: readonly string[];
  readonly bases: string;
  /** Evaluations with `--bases random`. */
  readonly repeats?: number;
  readonly absent: '1' | '0' | 'nan';
  readonly save_dir?: string;
  readonly resume?: boolean;
  readonly json?: string;
}

/** `tipcheck val`. @returns the exit code */
export async function runVal(options: ValOptions): Promise<number> {
  validateTogether(options);
  const ranks = await joinLaunchedRanks();
  await evaluateOnRank(options, ranks);
  ranks?.close();
  return 0;
}

function validateTogether({ bases, repeats, resume, save_dir: folder }: ValOptions): void {
  if (repeats !== undefined && bases !== 'random')
    throw new UserError(
      `Cannot use --repeats: --bases is ${bases}, which gives the same each time. Fix: --bases random`,
    );
  if (resume === true && folder === undefined)
    throw new UserError('Cannot resume: no folder says what was done. Fix: --save_dir <folder> of the first run');
}

/** Evaluations that `--bases random` makes, where the command line does not say. */
const usualRepeats = 5;

interface Context {
  readonly options: ValOptions;
  readonly plan: Awaited<ReturnType<typeof planEvaluation>>;
  readonly testConfig: TestConfig;
  readonly ranks: Ranks | null;
  readonly loaded: LoadedModel;
  readonly engine: EngineReport;
  readonly say: (text: string) => void;
}

async function evaluateOnRank(options: ValOptions, ranks: Ranks | null): Promise<void> {
  const config = applyOpts(await readPaddleSegConfig(options.config), options.opts ?? []);
  const plan = await planEvaluation(config);
  const testConfig = chooseTestConfig(plan.testConfig, options);
  const bases = await chooseBases(options, ranks);
  await checkFiles(plan.recipe.dataSet);
  const { port, loaded, said } = await loadWeights(options, plan.model, threadsPerRank(ranks));
  try {
    ranks?.validateSame('the evaluation', [JSON.stringify([plan, testConfig, bases, options.port])]);
    const say = (text: string) => {
      if (ranks === null || ranks.rank === 0) process.stdout.write(`${logLine(text)}\n`);
    };
    for (const line of [describePort(port), said]) say(line);
    const context = { options, plan, testConfig, ranks, loaded, engine: port.report, say };
    await keepResults(context, bases, describePort(port));
    await evaluateAll(context, bases);
  } finally {
    await loaded.dispose();
    await port.close();
  }
}

/** The seed of `random` is that of the run which is resumed, or a new one; the same on every rank. */
async function chooseBases({ bases, resume, save_dir: folder }: ValOptions, ranks: Ranks | null): Promise<DrawnBases> {
  const kept = resume === true && folder !== undefined ? await readKeptRecord(folder) : null;
  const before = (kept?.bases ?? {}) as { readonly kind?: unknown; readonly seed?: unknown };
  const seed = before.kind === 'random' && typeof before.seed === 'number' ? before.seed : Date.now() % 2 ** 31;
  const shared = Float64Array.of(ranks === null || ranks.rank === 0 ? seed : 0);
  ranks?.sumFloat64(shared);
  return parseBases(bases, shared[0]!);
}

/** Opens the folder of `--save_dir`: on the first rank, while the others wait. */
async function keepResults(context: Context, bases: DrawnBases, port: string): Promise<void> {
  const { options, plan, testConfig, ranks } = context;
  if (options.save_dir === undefined) return;
  if (ranks === null || ranks.rank === 0) {
    const { dataSet, transforms } = plan.recipe;
    const record = {
      port,
      weights: await measureSha256(options.model_path),
      model: plan.model,
      images: dataSet.pairs,
      classes: dataSet.classes,
      ignoreIndex: dataSet.ignoreIndex,
      transforms,
      test: testConfig,
      bases,
    };
    await openKeptFolder(options.save_dir, record, options.resume === true);
  }
  ranks?.sumFloat64(Float64Array.of(0));
}

async function evaluateAll(context: Context, bases: DrawnBases): Promise<void> {
  const { options, plan, say } = context;
  const { dataSet } = plan.recipe;
  const total = dataSet.pairs.length;
  const absent = absentOf(options.absent);
  const repeats = bases.kind === 'random' ? (options.repeats ?? usualRepeats) : 1;
  const measured: Segmentation[] = [];
  let first: readonly ImageEvaluation[] = [];
  let seconds = 0;
  for (let repeat = 0; repeat < repeats; repeat++) {
    say(`Start evaluating (total_samples: ${total}, total_iters: ${total})...`);
    const drawn = bases.kind === 'random' ? { ...bases, seed: (bases.seed + repeat) % 2 ** 32 } : bases;
    const found = await evaluateOnce(context, drawn, repeat);
    seconds += found.seconds;
    if (repeat === 0) first = found.images;
    const segmentation = measureSegmentation(sumOf(dataSet.classes, found.images), absent);
    validateCounted(segmentation, dataSet.origin);
    measured.push(segmentation);
    for (const line of renderEval(total, segmentation)) say(line);
    say(
      `${segmentation.presentClasses} of ${dataSet.classes} classes are present; an absent one counts ${options.absent} in mIoU. ${found.said}`,
    );
  }
  const spread = repeats > 1 ? measureSpread(measured.map(({ mIoU }) => mIoU)) : null;
  if (spread !== null) say(renderSpread(spread));
  if (options.json === undefined || (context.ranks !== null && context.ranks.rank !== 0)) return;
  const images = first.map(({ index, confusion }) => ({
    image: dataSet.pairs[index]!.image,
    confusion: rowsOf(confusion),
  }));
  const text = JSON.stringify({
    engine: context.engine,
    ...measured[0]!,
    seconds,
    peakRssMb: process.resourceUsage().maxRSS / 1024,
    bases: options.bases,
    absent: options.absent,
    ...(spread === null ? {} : { seed: bases.seed, spread }),
    confusion: rowsOf(sumOf(dataSet.classes, first)),
    images,
  });
  await writeAtomicFile(options.json, `${text}\n`);
}

/** Every image once, over all ranks; what `--save_dir` holds already is taken from there. */
async function evaluateOnce(context: Context, bases: DrawnBases, repeat: number) {
  const { options, plan, testConfig, ranks, loaded } = context;
  const { recipe } = plan;
  const { pairs, classes } = recipe.dataSet;
  const folder = options.save_dir;
  const nameOf = (index: number) => `${repeat}-${index}`;
  const kept: ImageEvaluation[] = [];
  for (const index of folder === undefined ? [] : indicesOfRank(pairs.length, ranks)) {
    const confusion = await readKept(folder!, nameOf(index), classes);
    if (confusion !== null) kept.push({ index, confusion });
  }
  const done = new Set(kept.map(({ index }) => index));
  const indices = indicesOfRank(pairs.length, ranks).filter((index) => !done.has(index));
  const progress = createProgress(process.stderr);
  const startedAt = performance.now();
  const secondsSoFar = () => (performance.now() - startedAt) / 1000;
  let evaluated = 0;
  const own = await evaluate({
    network: await openNetwork(loaded, plan.model, bases),
    recipe,
    config: testConfig,
    workers: options.num_workers,
    indices,
    async onImage({ index, confusion }) {
      if (folder !== undefined) await writeKept(folder, nameOf(index), pairs[index]!.image, rowsOf(confusion));
      evaluated++;
      if (ranks === null || ranks.rank === 0)
        progress.update(`${evaluated} of ${indices.length} images, ${(secondsSoFar() / evaluated).toFixed(2)} s each`);
    },
  });
  const images = joinEvaluations([...kept, ...own], pairs.length, classes, ranks);
  const counted = Float64Array.of(own.length);
  ranks?.sumFloat64(counted);
  const seconds = secondsSoFar();
  const before = pairs.length - counted[0]!;
  const time = counted[0] === 0 ? '' : `${(seconds / counted[0]!).toFixed(3)} s an image.`;
  const resumed = before === 0 ? '' : `${before} of ${pairs.length} images were evaluated before. `;
  return { images, seconds, said: `${resumed}${time}`.trimEnd() };
}

function sumOf(classes: number, images: readonly ImageEvaluation[]): Confusion {
  return sumConfusions(
    classes,
    images.map(({ confusion }) => confusion),
  );
}

function rowsOf({ classes, counts }: Confusion): number[][] {
  return Array.from({ length: classes }, (_, row) => [...counts.subarray(row * classes, (row + 1) * classes)]);
}

function absentOf(absent: ValOptions['absent']): AbsentClass {
  return absent === 'nan' ? 'skip' : absent === '0' ? 0 : 1;
}
