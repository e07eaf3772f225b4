import { writeAtomicFile } from '../../harness/support/atomic-file.js';
import { claimFolder } from '../../harness/support/claim-folder.js';
import { eraseLive, tell } from '../../harness/support/console.js';
import { openProgressBar, type ProgressBar } from '../../harness/support/progress.js';
import type { Ranks } from '../ranks/ranks.js';
import { type TrainOutcome, train } from '../train/train.js';
import { isFirstRank, type TrainOptions } from '../train/train-options.js';
import { hashParameters } from '../weights/hash-parameters.js';
import { describeIdle } from './describe-idle.js';
import { evaluateTraining } from './evaluate-training.js';
import { log } from './log.js';
import { describePort, openPort } from './open-port.js';
import { type PreparedTraining, prepareTraining } from './prepare-training.js';
import { joinLaunchedRanks, threadsPerRank } from './rank-environment.js';
import { openTrainingRecords, type TrainingRecords } from './record-training.js';
import type { TrainRecord } from './records.js';
import { idleOptions, refuseUnsupported, type TrainCommandOptions } from './train-options.js';

/** `tipcheck train`. @returns the exit code */
export async function runTrain(options: TrainCommandOptions, environment: NodeJS.ProcessEnv): Promise<number> {
  refuseUnsupported(options);
  const ranks = await joinLaunchedRanks(environment);
  // The first rank alone writes.
  const release = isFirstRank({ ranks }) ? await claimFolder(options.save_dir, 'train') : null;
  try {
    const exitCode = await trainOnRank(options, ranks, environment);
    // A rank that throws leaves without this; mpirun then ends the others.
    ranks?.close();
    return exitCode;
  } finally {
    await release?.();
  }
}

/** What each stage of a training is given. */
interface Stage {
  readonly options: TrainCommandOptions;
  readonly ranks: Ranks | null;
  readonly prepared: PreparedTraining;
  readonly records: TrainingRecords;
  readonly say: (text: string) => void;
  readonly bar: ProgressBar;
}

async function trainOnRank(
  options: TrainCommandOptions,
  ranks: Ranks | null,
  environment: NodeJS.ProcessEnv,
): Promise<number> {
  const bar = isFirstRank({ ranks }) ? openProgressBar() : noBar;
  const say = (text: string) => {
    if (isFirstRank({ ranks })) log(text);
  };
  const prepared = await prepareTraining(options, ranks, say, bar);
  if (prepared === null) return 0;
  const port = await openPort(options.port, options.device, environment, threadsPerRank(ranks, environment));
  const records = await openTrainingRecords(options, ranks);
  const stage = { options, ranks, prepared, records, say, bar };
  try {
    say(describePort(port));
    sayStart(stage);
    const outcome = await train(trainingOf(stage, port));
    if (options.json !== undefined && isFirstRank({ ranks }))
      await writeRecord(options.json, recordOf(stage, port, outcome.iteration));
    return reportOutcome(stage, outcome);
  } finally {
    eraseLive();
    await records.close();
    await port.close();
  }
}

/** Of a rank that is not the first. */
const noBar: ProgressBar = { show: () => undefined };

function sayStart({ options, ranks, prepared: { plan, said }, say }: Stage): void {
  say(`Weights: ${said}`);
  for (const line of describeIdle(idleOptions(options))) say(line);
  if (ranks !== null) say(`${ranks.size} ranks, ${plan.batchSize * ranks.size} images in an iteration`);
  if (ranks !== null && plan.hasCustomGroups) say(customGroupsNote);
}

/**
 * The reference's README on MSCAN_T with settings for each layer. tipcheck averages gradients over ranks before any
 * group is looked at, so its own ports do not crash there.
 */
const customGroupsNote =
  "Note: the optimizer has custom_cfg. PaddleSeg's own training with per-layer settings can crash on several cards; the authors' way round it is no custom_cfg and a learning_rate ten times as large.";

function trainingOf(stage: Stage, port: TrainOptions['port']): TrainOptions {
  const { options, ranks, records, say, bar } = stage;
  const { plan, resumed, seed, evaluation, bases, weights } = stage.prepared;
  return {
    ...{ plan, port, portName: options.port, weights, seed, ranks, resume: resumed, log: say },
    pretrained: startOf(stage.prepared),
    saveDir: options.save_dir,
    saveInterval: options.save_interval,
    logIters: options.log_iter ?? options.log_iters,
    keepCheckpointMax: options.keep_checkpoint_max,
    earlyStopIntervals: options.early_stop_intervals ?? null,
    workers: options.num_workers,
    evaluate:
      evaluation === null
        ? null
        : async (loaded) => {
            const workers = options.num_workers;
            const { images, ...found } = await evaluateTraining(loaded, { plan: evaluation, bases, workers, say, bar });
            records.kept.evaluated.push(images);
            return found;
          },
    onStep: (iteration, report) => {
      records.kept.losses.push(report.loss);
      bar.show('Training', iteration, plan.iters);
    },
    onTrainScalars: records.onTrainScalars,
    onEvaluation: records.onEvaluation,
  };
}

/** Where the weights of the training's first start came from, in words. */
function startOf({ resumed, said }: PreparedTraining): string {
  return resumed?.loop.pretrained ?? said;
}

function recordOf(stage: Stage, port: TrainOptions['port'], iterations: number): TrainRecord {
  const { plan, weights } = stage.prepared;
  return {
    engine: port.report,
    ranks: stage.ranks?.size ?? 1,
    weights: startOf(stage.prepared),
    start: hashParameters(weights),
    batchSize: plan.batchSize,
    iterations,
    ...stage.records.kept,
    peakRssMb: process.resourceUsage().maxRSS / 1024,
  };
}

function writeRecord(path: string, record: TrainRecord): Promise<void> {
  return writeAtomicFile(path, `${JSON.stringify(record)}\n`);
}

/** @returns the exit code */
function reportOutcome({ options, ranks, prepared, say }: Stage, outcome: TrainOutcome): number {
  if (outcome.kind === 'trained') {
    say(
      `Trained ${outcome.iteration} iterations. Weights at the start: ${startOf(prepared)}. Checkpoints: ${options.save_dir}`,
    );
    return 0;
  }
  const { fault, iteration, lastCheckpoint } = outcome;
  const kept = lastCheckpoint ?? options.resume_model ?? null;
  // All ranks stop; the first knows what it saved.
  if (!isFirstRank({ ranks })) return 1;
  tell(
    `Cannot go on training: in iteration ${iteration} the ${fault.what} became NaN or Inf, first at ${fault.layer}; finite numbers are wanted. ${kept === null ? 'No checkpoint was written before.' : `The last good checkpoint is ${kept}.`} Fix: a smaller learning rate, or look at the data of that iteration`,
  );
  return 1;
}
