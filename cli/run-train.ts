import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readPaddleSegConfig } from '../harness/config/paddleseg-yml.js';
import type { Device, EngineReport, LoadedModel } from '../harness/hosts/port-contract.js';
import { sumConfusions } from '../harness/metrics/confusion.js';
import { writeAtomicFile } from '../harness/support/atomic-file.js';
import { EnvironmentError, UserError } from '../harness/support/errors.js';
import { findModel } from '../models/registry.js';
import { listCheckpointSteps } from '../pipeline/checkpoints/checkpoints.js';
import { readTrainingState } from '../pipeline/checkpoints/training-state.js';
import { applyOpts } from '../pipeline/config/apply-opts.js';
import { type EvaluationPlan, planEvaluation } from '../pipeline/config/evaluation-plan.js';
import { planTraining } from '../pipeline/config/training-plan.js';
import { checkFiles } from '../pipeline/data/check-files.js';
import { evaluate } from '../pipeline/evaluate/evaluate.js';
import { measureSegmentation } from '../pipeline/evaluate/measure-segmentation.js';
import { renderEval } from '../pipeline/evaluate/render-eval.js';
import { type DrawnBases, openNetwork, parseBases } from '../pipeline/infer/open-network.js';
import type { Ranks } from '../pipeline/ranks/ranks.js';
import type { Scalars } from '../pipeline/records/scalars.js';
import { openTensorboard } from '../pipeline/records/tensorboard.js';
import { openVisualdl } from '../pipeline/records/visualdl.js';
import { initialWeights } from '../pipeline/train/initial-weights.js';
import { train } from '../pipeline/train/train.js';
import { loadPretrained } from '../pipeline/weights/load-pretrained.js';
import { readModelWeights } from './export-weights.js';
import { showFetches } from './fetch-progress.js';
import { logLine } from './log.js';
import { describePort, openPort } from './open-port.js';
import { joinLaunchedRanks, threadsPerRank } from './rank-environment.js';

export interface TrainCommandOptions {
  readonly config: string;
  readonly port: string;
  readonly device: Device;
  readonly save_dir: string;
  readonly num_workers: number;
  readonly do_eval?: boolean;
  readonly use_vdl?: boolean;
  readonly use_tb?: boolean;
  readonly resume_model?: string;
  readonly iters?: number;
  readonly batch_size?: number;
  readonly learning_rate?: number;
  readonly save_interval: number;
  readonly log_iters: number;
  readonly log_iter?: number;
  readonly keep_checkpoint_max: number;
  readonly early_stop_intervals?: number;
  readonly seed: number;
  readonly pretrained?: string;
  readonly bases: string;
  readonly repeats: number;
  readonly opts?: readonly string[];
  readonly precision: 'fp32' | 'fp16';
  readonly data_format: 'NCHW' | 'NHWC';
  readonly use_ema?: boolean;
  readonly profiler_options?: string;
  readonly use_multilabel?: boolean;
  readonly to_static_training?: boolean;
  readonly json?: string;
}

/** What `--json` holds, of the first rank. */
export interface TrainRecord {
  readonly engine: EngineReport;
  readonly ranks: number;
  readonly weights: string;
  readonly batchSize: number;
  readonly iterations: number;
  /** Of each iteration, this rank's share; NaN and Inf are null. */
  readonly losses: readonly number[];
  /** Of each evaluation. */
  readonly mIoUs: readonly number[];
  /** Of each window of --log_iters. */
  readonly windows: readonly { readonly batchCost: number; readonly readerCost: number }[];
  readonly peakRssMb: number;
}

/** `tipcheck train`. @returns the exit code */
export async function runTrain(options: TrainCommandOptions): Promise<number> {
  refuseUnsupported(options);
  const ranks = await joinLaunchedRanks();
  const exitCode = await trainOnRank(options, ranks);
  // A rank that throws leaves without this; mpirun then ends the others.
  ranks?.close();
  return exitCode;
}

async function trainOnRank(options: TrainCommandOptions, ranks: Ranks | null): Promise<number> {
  const { seed } = options;
  const config = applyOpts(await readPaddleSegConfig(options.config), options.opts ?? []);
  const plan = await planTraining(
    config,
    {
      ...(options.iters === undefined ? {} : { iters: options.iters }),
      ...(options.batch_size === undefined ? {} : { batchSize: options.batch_size }),
      ...(options.learning_rate === undefined ? {} : { learningRate: options.learning_rate }),
      repeats: options.repeats,
    },
    seed,
  );
  await checkFiles(plan.recipe.dataSet);
  validateClasses(plan.model, plan.recipe.dataSet.classes, options.config);
  const evaluation = options.do_eval === true ? await planEvaluation(config) : null;
  if (evaluation !== null) await checkFiles(evaluation.recipe.dataSet);
  const bases = parseBases(options.bases, seed);
  const resumed = await readResumed(options);
  const { weights, said } = await chooseWeights(options, plan.model, resumed?.loop.seed ?? seed);
  ranks?.validateSame('the training', [JSON.stringify([plan, seed, resumed?.loop ?? null, options.port])]);
  ranks?.validateSame(
    'the weights',
    [...weights.values()].map(({ data }) => data),
  );
  const port = await openPort(options.port, options.device, threadsPerRank(ranks));
  const isFirst = ranks === null || ranks.rank === 0;
  const scalars = isFirst ? await openRecords(options) : [];
  const record = (values: Readonly<Record<string, number>>, iteration: number) => {
    for (const writer of scalars) for (const [tag, value] of Object.entries(values)) writer.add(tag, iteration, value);
  };
  const say = (text: string) => {
    if (isFirst) process.stdout.write(`${logLine(text)}\n`);
  };
  const losses: number[] = [];
  const mIoUs: number[] = [];
  const windows: TrainRecord['windows'][number][] = [];
  try {
    say(describePort(port));
    say(`Weights: ${said}`);
    if (ranks !== null) say(`${ranks.size} ranks, ${plan.batchSize * ranks.size} images in an iteration`);
    if (ranks !== null && plan.hasCustomGroups) say(customGroupsNote);
    const outcome = await train({
      plan,
      port,
      portName: options.port,
      weights,
      pretrained: resumed?.loop.pretrained ?? said,
      seed: resumed?.loop.seed ?? seed,
      saveDir: options.save_dir,
      saveInterval: options.save_interval,
      logIters: options.log_iter ?? options.log_iters,
      keepCheckpointMax: options.keep_checkpoint_max,
      earlyStopIntervals: options.early_stop_intervals ?? null,
      workers: options.num_workers,
      resume: resumed,
      ranks,
      evaluate:
        evaluation === null ? null : (loaded) => evaluateModel(loaded, evaluation, bases, options.num_workers, say),
      log: say,
      onStep: (_iteration, report) => losses.push(report.loss),
      onTrainScalars: ({ loss, lr, batchCost, readerCost }, iteration) => {
        windows.push({ batchCost, readerCost });
        record(
          {
            'Train/loss': loss,
            'Train/lr': lr,
            'Train/batch_cost': batchCost,
            'Train/reader_cost': readerCost,
          },
          iteration,
        );
      },
      onEvaluation: ({ mIoU, Acc }, iteration) => {
        mIoUs.push(mIoU);
        record({ 'Evaluate/mIoU': mIoU, 'Evaluate/Acc': Acc }, iteration);
      },
    });
    if (options.json !== undefined && isFirst)
      await writeRecord(options.json, {
        engine: port.report,
        ranks: ranks?.size ?? 1,
        weights: resumed?.loop.pretrained ?? said,
        batchSize: plan.batchSize,
        iterations: outcome.iteration,
        losses,
        mIoUs,
        windows,
        peakRssMb: process.resourceUsage().maxRSS / 1024,
      });
    if (outcome.kind === 'trained') {
      say(
        `Trained ${outcome.iteration} iterations. Weights at the start: ${resumed?.loop.pretrained ?? said}. Checkpoints: ${options.save_dir}`,
      );
      return 0;
    }
    const { fault, iteration, lastCheckpoint } = outcome;
    const kept = lastCheckpoint ?? options.resume_model ?? null;
    // All ranks stop; the first knows what it saved.
    if (!isFirst) return 1;
    process.stderr.write(
      `Cannot go on training: in iteration ${iteration} the ${fault.what} became NaN or Inf, first at ${fault.layer}; finite numbers are wanted. ${kept === null ? 'No checkpoint was written before.' : `The last good checkpoint is ${kept}.`} Fix: a smaller learning rate, or look at the data of that iteration\n`,
    );
    return 1;
  } finally {
    for (const writer of scalars) await writer.close();
    await port.close();
  }
}

function writeRecord(path: string, record: TrainRecord): Promise<void> {
  return writeAtomicFile(path, `${JSON.stringify(record)}\n`);
}

async function openRecords({ use_vdl, use_tb, save_dir: folder }: TrainCommandOptions): Promise<Scalars[]> {
  return [
    ...(use_vdl === true ? [await openVisualdl(folder)] : []),
    ...(use_tb === true ? [await openTensorboard(folder)] : []),
  ];
}

/**
 * The reference's README on MSCAN_T with settings for each layer. tipcheck averages gradients over ranks before any group is looked
 * at, so its own ports do not crash there.
 */
const customGroupsNote =
  "Note: the optimizer has custom_cfg. PaddleSeg's own training of MSCAN_T with per-layer settings can crash on several cards; the authors' way round it is no custom_cfg and a learning_rate ten times as large.";

/** What tools/train.py takes and tipcheck does not do: refused, never passed over. */
function refuseUnsupported(options: TrainCommandOptions): void {
  const refused: readonly (readonly [boolean, string, string])[] = [
    [options.precision === 'fp16', '--precision fp16', 'training is in float32'],
    [options.use_ema === true, '--use_ema', 'no moving average of the weights is kept'],
    [options.profiler_options !== undefined, '--profiler_options', 'there is no profiler'],
    [options.use_multilabel === true, '--use_multilabel', 'a pixel has one label'],
    [options.data_format === 'NHWC', '--data_format NHWC', 'data is NCHW'],
  ];
  const found = refused.find(([given]) => given);
  if (found === undefined) return;
  throw new UserError(`Cannot train with ${found[1]}: ${found[2]}; a command without it is wanted`);
}

function validateClasses(model: Readonly<Record<string, unknown>>, classes: number, path: string): void {
  if (model.num_classes === classes) return;
  throw new UserError(
    `Cannot train by ${path}: the model tells ${String(model.num_classes)} classes apart and the data set has ${classes}; as many are wanted`,
  );
}

async function readResumed({ resume_model: folder, port, save_dir: saveDir }: TrainCommandOptions) {
  if (folder === undefined) {
    const steps = await listCheckpointSteps(saveDir);
    if (steps.length === 0 && !existsSync(join(saveDir, 'best_model'))) return null;
    throw new UserError(
      `Cannot train into ${saveDir}: it holds checkpoints of another training; a folder without any is wanted. Fix: another --save_dir, or --resume_model ${join(saveDir, `iter_${steps.at(-1) ?? 'N'}`)}`,
    );
  }
  const state = await readTrainingState(folder);
  if (state.loop.port === port) return state;
  throw new UserError(
    `Cannot resume from ${folder} with port ${port}: ${state.loop.port} trained it, and another port rounds otherwise; the same one is wanted. Fix: --port ${state.loop.port}`,
  );
}

async function chooseWeights(options: TrainCommandOptions, model: Readonly<Record<string, unknown>>, seed: number) {
  const definition = await findModel(model);
  const parameters = definition.parameters(definition.parse(model));
  const { resume_model: folder } = options;
  if (folder !== undefined)
    return {
      weights: await readModelWeights(join(folder, 'model.pdparams'), parameters),
      said: `all ${parameters.size} tensors from ${folder}`,
    };
  return loadPretrained(model, await initialWeights(model, seed), options.pretrained ?? null, {
    onProgress: showFetches(),
  });
}

async function evaluateModel(
  loaded: LoadedModel,
  plan: EvaluationPlan,
  bases: DrawnBases,
  workers: number,
  say: (text: string) => void,
): Promise<{ mIoU: number; Acc: number }> {
  const { dataSet } = plan.recipe;
  const total = dataSet.pairs.length;
  say(`Start evaluating (total_samples: ${total}, total_iters: ${total})...`);
  const network = await openNetwork(loaded, plan.model, bases);
  const found = await evaluate({
    network,
    recipe: plan.recipe,
    config: plan.testConfig,
    workers: Math.min(workers, 1),
  });
  const confusion = sumConfusions(
    dataSet.classes,
    found.map((image) => image.confusion),
  );
  const measured = measureSegmentation(confusion, 1);
  for (const line of renderEval(total, measured)) say(line);
  if (Number.isFinite(measured.mIoU)) return measured;
  throw new EnvironmentError('Cannot evaluate: the mIoU is not finite; labels that are not all ignored are wanted');
}
