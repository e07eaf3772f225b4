import type { Device } from '../../harness/contract/device.js';
import type { EngineReport } from '../../harness/contract/engine-report.js';
import type { LoadedModel } from '../../harness/contract/port.js';
import type { AbsentClass } from '../../harness/metrics/confusion.js';
import { validateWritable, writeAtomicFile } from '../../harness/support/atomic-file.js';
import { UserError } from '../../harness/support/errors.js';
import { planEvaluation } from '../config/evaluation-plan.js';
import { validateChannels } from '../config/picture-channels.js';
import { checkFiles } from '../data/check-files.js';
import type { ImageEvaluation } from '../evaluate/evaluate.js';
import { measureSegmentation, type Segmentation, validateCounted } from '../evaluate/measure-segmentation.js';
import { renderEval } from '../evaluate/render-eval.js';
import { measureSpread, renderSpread } from '../evaluate/spread.js';
import { chooseTestConfig, type TestOptions } from '../infer/choose-test-config.js';
import { validateAveraging } from '../infer/label-scores.js';
import type { DrawnBases } from '../infer/open-network.js';
import type { TestConfig } from '../infer/test-config.js';
import type { Ranks } from '../ranks/ranks.js';
import { applyOpts } from '../yml/apply-opts.js';
import { readPaddleSegConfig } from '../yml/paddleseg-yml.js';
import { takeShippedData } from '../yml/take-shipped.js';
import {
  chooseBases,
  describeEvaluation,
  evaluateImages,
  openKept,
  rowsOf,
  sumOf,
  validateResume,
} from './evaluate-images.js';
import { loadWeights } from './load-weights.js';
import { log } from './log.js';
import { describePort } from './open-port.js';
import { joinLaunchedRanks, threadsPerRank } from './rank-environment.js';
import type { ValRecord } from './records.js';

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
export async function runVal(options: ValOptions, environment: NodeJS.ProcessEnv): Promise<number> {
  validateTogether(options);
  const ranks = await joinLaunchedRanks(environment);
  await evaluateOnRank(options, ranks, environment);
  ranks?.close();
  return 0;
}

function validateTogether({ bases, repeats, resume, save_dir: folder }: ValOptions): void {
  if (repeats !== undefined && bases !== 'random')
    throw new UserError(
      `Cannot use --repeats: --bases is ${bases}, which gives the same each time. Fix: --bases random`,
    );
  validateResume(resume, folder);
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

async function evaluateOnRank(options: ValOptions, ranks: Ranks | null, environment: NodeJS.ProcessEnv): Promise<void> {
  const config = applyOpts(takeShippedData(await readPaddleSegConfig(options.config)), options.opts ?? []);
  const plan = await planEvaluation(config);
  const testConfig = chooseTestConfig(plan.testConfig, options);
  const bases = await chooseBases(options.bases, options.resume === true ? (options.save_dir ?? null) : null, ranks);
  await validateChannels(plan.model, plan.recipe.dataSet);
  await checkFiles(plan.recipe.dataSet);
  const { port, loaded, said } = await loadWeights(
    options,
    plan.model,
    environment,
    threadsPerRank(ranks, environment),
  );
  try {
    validateAveraging(loaded.result, testConfig, options.model_path);
    ranks?.validateSame('the evaluation', [JSON.stringify([plan, testConfig, bases, options.port])]);
    const say = (text: string) => {
      if (ranks === null || ranks.rank === 0) log(text);
    };
    for (const line of [describePort(port), said]) say(line);
    const context = { options, plan, testConfig, ranks, loaded, engine: port.report, say };
    await keepResults(context, bases, describePort(port));
    if (options.json !== undefined && (ranks === null || ranks.rank === 0)) await validateWritable(options.json);
    await evaluateAll(context, bases);
  } finally {
    await loaded.dispose();
    await port.close();
  }
}

/** Opens the folder of `--save_dir`: on the first rank, while the others wait. */
async function keepResults(context: Context, bases: DrawnBases, port: string): Promise<void> {
  const { options, plan, testConfig, ranks } = context;
  if (options.save_dir === undefined) return;
  const record = await describeEvaluation(options.model_path, plan, testConfig, bases, port);
  await openKept(options.save_dir, record, options.resume === true, ranks);
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
    const { ranks, loaded, testConfig } = context;
    const found = await evaluateImages({
      loaded,
      model: plan.model,
      bases: drawn,
      recipe: plan.recipe,
      testConfig,
      workers: options.num_workers,
      ranks,
      keep: options.save_dir === undefined ? null : { folder: options.save_dir, evaluation: repeat },
    });
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
  } satisfies ValRecord);
  await writeAtomicFile(options.json, `${text}\n`);
}

function absentOf(absent: ValOptions['absent']): AbsentClass {
  return absent === 'nan' ? 'skip' : absent === '0' ? 0 : 1;
}
