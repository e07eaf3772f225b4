import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { LoadedModel } from '../../harness/contract/port.js';
import { sumConfusions } from '../../harness/metrics/confusion.js';
import { writeAtomicFile } from '../../harness/support/atomic-file.js';
import { claimFolder } from '../../harness/support/claim-folder.js';
import { UserError } from '../../harness/support/errors.js';
import { openProgressBar, type ProgressBar } from '../../harness/support/progress-bar.js';
import { renderCount } from '../../harness/support/render-count.js';
import { findModel } from '../../models/registry.js';
import { checkpointPath, listCheckpointSteps } from '../checkpoints/checkpoints.js';
import { readTrainingState } from '../checkpoints/training-state.js';
import { type EvaluationPlan, planEvaluation } from '../config/evaluation-plan.js';
import { validateChannels } from '../config/picture-channels.js';
import { planTraining } from '../config/training-plan.js';
import { checkFiles } from '../data/check-files.js';
import { checkLabels } from '../data/check-labels.js';
import { checkPadding } from '../data/check-padding.js';
import type { DataSet } from '../data/data-set.js';
import { countSteps, listIndices } from '../data/load-batches.js';
import { evaluate } from '../evaluate/evaluate.js';
import { measureSegmentation, validateCounted } from '../evaluate/measure-segmentation.js';
import { renderEval } from '../evaluate/render-eval.js';
import { showFetches } from '../fetch/show-fetches.js';
import { type DrawnBases, openNetwork, parseBases } from '../infer/open-network.js';
import type { Ranks } from '../ranks/ranks.js';
import type { Scalars } from '../records/scalars.js';
import { openTensorboard } from '../records/tensorboard.js';
import { openVisualdl } from '../records/visualdl.js';
import { initialWeights } from '../train/initial-weights.js';
import { loaderOptions, train } from '../train/train.js';
import { readModelWeights } from '../weights/export-weights.js';
import { hashParameters } from '../weights/hash-parameters.js';
import { loadPretrained } from '../weights/load-pretrained.js';
import { applyOpts } from '../yml/apply-opts.js';
import { readPaddleSegConfig } from '../yml/paddleseg-yml.js';
import { sectionAt } from '../yml/section.js';
import { takeShippedData } from '../yml/take-shipped.js';
import { describeIdle } from './describe-idle.js';
import { logLine } from './log.js';
import { describePort, openPort } from './open-port.js';
import { joinLaunchedRanks, threadsPerRank } from './rank-environment.js';
import type { TrainRecord } from './records.js';
import { idleOptions, refuseUnsupported, type TrainCommandOptions } from './train-options.js';

/** `tipcheck train`. @returns the exit code */
export async function runTrain(options: TrainCommandOptions): Promise<number> {
  refuseUnsupported(options);
  const ranks = await joinLaunchedRanks();
  // The first rank alone writes.
  const release = ranks === null || ranks.rank === 0 ? await claimFolder(options.save_dir, 'train') : null;
  try {
    const exitCode = await trainOnRank(options, ranks);
    // A rank that throws leaves without this; mpirun then ends the others.
    ranks?.close();
    return exitCode;
  } finally {
    await release?.();
  }
}

async function trainOnRank(options: TrainCommandOptions, ranks: Ranks | null): Promise<number> {
  const resumed = await readResumed(options);
  const seed = chooseSeed(options, resumed);
  const config = applyOpts(takeShippedData(await readPaddleSegConfig(options.config)), options.opts ?? []);
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
  const isFirst = ranks === null || ranks.rank === 0;
  const bar = openProgressBar(isFirst ? process.stderr : noTerminal, (text) => process.stdout.write(text));
  const say = (text: string) => {
    if (isFirst) bar.log(logLine(text));
  };
  if (resumed !== null && isFinished(resumed, plan.iters, options)) {
    // The end of another network's training is none of this one.
    await chooseWeights(options, plan.model, seed);
    say(
      `Nothing to train: ${describeEnd(options, plan.iters)}. Nothing is written. To train on: --iters above ${plan.iters}`,
    );
    return 0;
  }
  const loading = loaderOptions({ plan, ranks, workers: options.num_workers }, resumed?.optimizer.steps ?? 0);
  countSteps(loading);
  await validateChannels(plan.model, plan.recipe.dataSet);
  const sizes = await checkFiles(plan.recipe.dataSet);
  await checkPadding(sectionAt(config, 'train_dataset'), plan.recipe.dataSet, sizes, plan.ignoreIndex);
  validateClasses(plan.model, plan.recipe.dataSet.classes, options.config);
  const evaluation = options.do_eval === true ? await planEvaluation(config) : null;
  if (evaluation !== null) await validateChannels(plan.model, evaluation.recipe.dataSet);
  if (evaluation !== null) await checkFiles(evaluation.recipe.dataSet);
  const indices = listIndices(loading, plan.iters);
  await checkEveryLabel(plan.recipe.dataSet, indices, bar);
  // The loss may ignore another value than the data set: then what the data set leaves out is no class to it.
  if (plan.ignoreIndex !== plan.recipe.dataSet.ignoreIndex)
    await checkEveryLabel({ ...plan.recipe.dataSet, ignoreIndex: plan.ignoreIndex }, indices, bar);
  // The first rank alone evaluates.
  if (evaluation !== null && isFirst) await checkEveryLabel(evaluation.recipe.dataSet, null, bar);
  const bases = parseBases(options.bases, seed);
  const { weights, said } = await chooseWeights(options, plan.model, seed);
  ranks?.validateSame('the training', [JSON.stringify([plan, seed, resumed?.loop ?? null, options.port])]);
  ranks?.validateSame(
    'the weights',
    [...weights.values()].map(({ data }) => data),
  );
  const port = await openPort(options.port, options.device, threadsPerRank(ranks));
  const scalars = isFirst ? await openRecords(options) : [];
  const record = (values: Readonly<Record<string, number>>, iteration: number) => {
    for (const writer of scalars) for (const [tag, value] of Object.entries(values)) writer.add(tag, iteration, value);
  };
  const losses: number[] = [];
  const mIoUs: number[] = [];
  const evaluated: number[] = [];
  const windows: TrainRecord['windows'][number][] = [];
  try {
    say(describePort(port));
    say(`Weights: ${said}`);
    for (const line of describeIdle(idleOptions(options))) say(line);
    if (ranks !== null) say(`${ranks.size} ranks, ${plan.batchSize * ranks.size} images in an iteration`);
    if (ranks !== null && plan.hasCustomGroups) say(customGroupsNote);
    const outcome = await train({
      plan,
      port,
      portName: options.port,
      weights,
      pretrained: resumed?.loop.pretrained ?? said,
      seed,
      saveDir: options.save_dir,
      saveInterval: options.save_interval,
      logIters: options.log_iter ?? options.log_iters,
      keepCheckpointMax: options.keep_checkpoint_max,
      earlyStopIntervals: options.early_stop_intervals ?? null,
      workers: options.num_workers,
      resume: resumed,
      ranks,
      evaluate:
        evaluation === null
          ? null
          : async (loaded) => {
              const { images, ...found } = await evaluateModel(
                loaded,
                evaluation,
                bases,
                options.num_workers,
                say,
                bar,
              );
              evaluated.push(images);
              return found;
            },
      log: say,
      onStep: (iteration, report) => {
        losses.push(report.loss);
        bar.show('Training', iteration, plan.iters);
      },
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
        start: hashParameters(weights),
        batchSize: plan.batchSize,
        iterations: outcome.iteration,
        losses,
        mIoUs,
        evaluated,
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
    bar.clear();
    process.stderr.write(
      `Cannot go on training: in iteration ${iteration} the ${fault.what} became NaN or Inf, first at ${fault.layer}; finite numbers are wanted. ${kept === null ? 'No checkpoint was written before.' : `The last good checkpoint is ${kept}.`} Fix: a smaller learning rate, or look at the data of that iteration\n`,
    );
    return 1;
  } finally {
    bar.clear();
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

/** Of a rank that is not the first. */
const noTerminal = { isTTY: false, write: () => undefined };

/** @param indices null: of all pairs */
async function checkEveryLabel(dataSet: DataSet, indices: readonly number[] | null, bar: ProgressBar): Promise<void> {
  try {
    await checkLabels(dataSet, indices ?? [...dataSet.pairs.keys()], (done, total) =>
      bar.show('Checking labels', done, total),
    );
  } finally {
    bar.clear();
  }
}

/** A training that goes on draws what it would have drawn. */
function chooseSeed({ seed, resume_model }: TrainCommandOptions, resumed: Resumed): number {
  if (resumed === null) return seed ?? 0;
  if (seed === undefined || seed === resumed.loop.seed) return resumed.loop.seed;
  throw new UserError(
    `Cannot resume from ${resume_model} with the seed ${seed}: the training began with ${resumed.loop.seed}, and another would not go on with it; the same one is wanted. Fix: leave --seed out`,
  );
}

/**
 * A checkpoint of the last iteration: nothing is left to train.
 * @throws UserError for one of a longer training, and where a record is wanted of what is not trained
 */
function isFinished(
  { optimizer: { steps } }: NonNullable<Resumed>,
  iters: number,
  options: TrainCommandOptions,
): boolean {
  const { resume_model: folder, config, json } = options;
  if (steps < iters) return false;
  if (steps > iters)
    throw new UserError(
      `Cannot resume from ${folder}: it has trained ${renderCount(steps, 'iteration')}, and ${config} asks for ${iters}; more are wanted. Fix: --iters above ${steps}`,
    );
  if (json === undefined) return true;
  throw new UserError(
    `Cannot write ${json}: ${describeEnd(options, iters)}, and nothing is left to record; a command without --json is wanted. Fix: --iters above ${iters}`,
  );
}

function describeEnd({ resume_model: folder }: TrainCommandOptions, iters: number): string {
  return `${folder} has trained ${iters} of ${renderCount(iters, 'iteration')}`;
}

type Resumed = Awaited<ReturnType<typeof readResumed>>;

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
  await validateCheckpoint(folder);
  const state = await readTrainingState(folder);
  if (state.loop.port === port) return state;
  throw new UserError(
    `Cannot resume from ${folder} with port ${port}: ${state.loop.port} trained it, and another port rounds otherwise; the same one is wanted. Fix: --port ${state.loop.port}`,
  );
}

/** @throws UserError for the folder that holds the checkpoints in place of one of them */
async function validateCheckpoint(folder: string): Promise<void> {
  if (existsSync(join(folder, 'model.pdstates')) || !existsSync(folder)) return;
  const last = (await listCheckpointSteps(folder)).at(-1);
  if (last === undefined) return;
  throw new UserError(
    `Cannot resume from ${folder}: it holds checkpoints and is not one; one of them is wanted. Fix: --resume_model ${checkpointPath(folder, last)}`,
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
  bar: ProgressBar,
): Promise<{ mIoU: number; Acc: number; images: number }> {
  const { dataSet } = plan.recipe;
  const total = dataSet.pairs.length;
  say(`Start evaluating (total_samples: ${total}, total_iters: ${total})...`);
  const network = await openNetwork(loaded, plan.model, bases);
  let done = 0;
  let astray = 0;
  const found = await evaluate({
    network,
    recipe: plan.recipe,
    config: plan.testConfig,
    workers: Math.min(workers, 1),
    // As in the reference a training that has gone astray is evaluated and goes on; its own steps say where NaN arises.
    acceptsNonFinite: true,
    onImage({ allFinite }) {
      if (!allFinite()) astray++;
      bar.show('Evaluating', ++done, total);
    },
  });
  const confusion = sumConfusions(
    dataSet.classes,
    found.map((image) => image.confusion),
  );
  const measured = measureSegmentation(confusion, 1);
  validateCounted(measured, dataSet.origin);
  for (const line of renderEval(total, measured)) say(line);
  if (astray > 0)
    say(
      `Of ${astray} of ${total} images the network gives NaN or Inf: these figures, which the reference would give too, say nothing of it.`,
    );
  return { mIoU: measured.mIoU, Acc: measured.Acc, images: found.length };
}
