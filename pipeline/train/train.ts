import type {
  Collective,
  LoadedModel,
  OptimizerState,
  Port,
  StepReport,
  TrainingSession,
} from '../../harness/hosts/port-contract.js';
import { EnvironmentError } from '../../harness/support/errors.js';
import { type Float32NdArray, float32NdArray } from '../../harness/support/nd-array.js';
import { type Checkpoints, openCheckpoints } from '../checkpoints/checkpoints.js';
import { type LoopState, renderCheckpoint } from '../checkpoints/training-state.js';
import type { TrainingPlan } from '../config/training-plan.js';
import { countSteps, type LoaderOptions, loadBatches } from '../data/load-batches.js';
import { sameOnAllRanks } from '../ranks/same-on-all-ranks.js';
import { seededDraws } from './training-draws.js';
import { emptyWindow, type LogWindow, measureWindow, renderTrainLine, type TrainScalars } from './training-log.js';

export interface TrainOptions {
  readonly plan: TrainingPlan;
  readonly port: Port;
  /** What `loop` of a checkpoint says the port is. */
  readonly portName: string;
  readonly weights: ReadonlyMap<string, Float32NdArray>;
  /** Where these weights are from; checkpoints repeat it. */
  readonly pretrained: string;
  readonly seed: number;
  readonly saveDir: string;
  readonly saveInterval: number;
  readonly logIters: number;
  /** 0 or less keeps all. */
  readonly keepCheckpointMax: number;
  /** Evaluations in a row without a better mIoU after which training ends; null: never. */
  readonly earlyStopIntervals: number | null;
  readonly workers: number;
  readonly resume: {
    readonly optimizer: OptimizerState;
    readonly loop: LoopState;
  } | null;
  /** Null: this process alone. */
  readonly ranks: Collective | null;
  /** Null: no evaluation. Given the weights as they are. */
  readonly evaluate:
    | ((loaded: LoadedModel, iteration: number) => Promise<{ readonly mIoU: number; readonly Acc: number }>)
    | null;
  readonly log: (line: string) => void;
  readonly onTrainScalars?: (scalars: TrainScalars, iteration: number) => void;
  readonly onEvaluation?: (found: { readonly mIoU: number; readonly Acc: number }, iteration: number) => void;
  readonly onStep?: (iteration: number, report: StepReport) => void;
}

export type TrainOutcome =
  | { readonly kind: 'trained'; readonly iteration: number; readonly bestMiou: number | null }
  | {
      readonly kind: 'not finite';
      readonly iteration: number;
      readonly fault: NonNullable<StepReport['nonFinite']>;
      readonly lastCheckpoint: string | null;
    };

/** Batches that are ready before the step asks for them. */
const batchesAhead = 2;

/**
 * Trains. Everything that is drawn at random depends on the seed and the iteration alone, so that a training that goes on from a
 * checkpoint is the one that was not stopped.
 * Source: train in paddleseg/core/train.py: the order of an iteration is forward, backward, update, log, evaluation, checkpoint.
 * Differs: a resumed training keeps its order of data and its best mIoU; a loss or gradient that is not finite ends it.
 */
export async function train(options: TrainOptions): Promise<TrainOutcome> {
  const { plan, port, weights, resume, ranks, log } = options;
  const isFirst = ranks === null || ranks.rank === 0;
  const loaded = await port.load(plan.model, weights);
  const session = await startSession(options, loaded);
  const checkpoints = isFirst ? await openCheckpoints(options.saveDir, Math.max(0, options.keepCheckpointMax)) : null;
  const draws = await seededDraws(plan.model, options.seed, ranks?.rank ?? 0);
  const loader = loaderOptions(options, resume?.optimizer.steps ?? 0);
  const itersPerEpoch = countSteps(loader);
  const best = { mIoU: resume?.loop.bestMiou ?? -1, iteration: resume?.loop.bestIteration ?? -1 };
  let worse = resume?.loop.worseEvaluations ?? 0;
  let window: LogWindow = {
    ...emptyWindow,
    lossSum: resume?.loop.lossSum ?? 0,
    count: resume?.loop.lossCount ?? 0,
  };
  let lastCheckpoint: string | null = null;
  let iteration = resume?.optimizer.steps ?? 0;
  const batches = loadBatches(loader);
  try {
    while (iteration < plan.iters) {
      const startedAt = performance.now();
      const { value: batch } = await batches.next();
      const readAt = performance.now();
      const image = float32NdArray(batch.images.shape, batch.images.data);
      const report = await session.step(
        { image, label: batch.labels, draws: draws(iteration, image.shape), gradients: [] },
        () => undefined,
      );
      const fault = report.nonFinite ?? faultOf(report);
      if (fault !== null) return { kind: 'not finite', iteration: iteration + 1, fault, lastCheckpoint };
      iteration++;
      options.onStep?.(iteration, report);
      const loss = averageLoss(report.loss, ranks);
      window = {
        lossSum: window.lossSum + loss,
        count: window.count + 1,
        batchSeconds: window.batchSeconds + (performance.now() - startedAt) / 1000,
        readerSeconds: window.readerSeconds + (readAt - startedAt) / 1000,
      };
      if (iteration % options.logIters === 0) {
        const scalars = measureWindow(window, report.learningRate);
        if (isFirst) {
          const { batchSize, iters } = plan;
          log(
            renderTrainLine(scalars, { iteration, iters, itersPerEpoch, batchSize, learningRate: report.learningRate }),
          );
          options.onTrainScalars?.(scalars, iteration);
        }
        window = emptyWindow;
      }
      if (iteration % options.saveInterval !== 0 && iteration !== plan.iters) continue;

      const state = await readWeights(session, weights);
      if (ranks !== null) validateSameWeights(ranks, state, iteration);
      if (checkpoints === null) {
        if (stopTogether(options, false)) break;
        continue;
      }
      const found = await evaluateNow(options, state, iteration);
      const isBest = found !== null && found.mIoU > best.mIoU;
      if (found !== null) {
        worse = isBest ? 0 : found.mIoU < best.mIoU ? worse + 1 : worse;
        if (isBest) Object.assign(best, { mIoU: found.mIoU, iteration });
      }
      const files = renderCheckpoint({
        weights: state,
        optimizer: { steps: iteration, slots: await readSlots(session) },
        learningRate: report.learningRate,
        loop: {
          seed: options.seed,
          port: options.portName,
          pretrained: options.pretrained,
          bestMiou: best.mIoU,
          bestIteration: best.iteration,
          worseEvaluations: worse,
          lossSum: window.lossSum,
          lossCount: window.count,
          mIoU: found?.mIoU ?? null,
          Acc: found?.Acc ?? null,
        },
      });
      lastCheckpoint = await save(checkpoints, files, iteration, isBest);
      const stops = stopTogether(options, options.earlyStopIntervals !== null && worse >= options.earlyStopIntervals);
      if (found === null) continue;
      options.onEvaluation?.(found, iteration);
      if (stops) {
        log(`Early stopping at iter ${iteration}. The best mean IoU is ${best.mIoU.toFixed(4)}.`);
        break;
      }
      log(
        `[EVAL] The model with the best validation mIoU (${best.mIoU.toFixed(4)}) was saved at iter ${best.iteration}.`,
      );
    }
  } finally {
    await batches.return?.(undefined as never);
    await session.dispose();
    await loaded.dispose();
  }
  return { kind: 'trained', iteration, bestMiou: best.iteration < 0 ? null : best.mIoU };
}

async function startSession(
  { plan, resume, ranks, port }: TrainOptions,
  loaded: LoadedModel,
): Promise<TrainingSession> {
  if (loaded.train === undefined)
    throw new EnvironmentError(
      `Cannot train: the port (${port.report.engine}) has no training; one with the phase train is wanted. Fix: --port ort or --port tfjs`,
    );
  const { optimizer, lrScheduler, loss, iters } = plan;
  const session = await loaded.train({
    ...{ optimizer, lrScheduler, loss, iters },
    ...(resume === null ? {} : { resume: resume.optimizer }),
    ...(ranks === null ? {} : { ranks }),
  });
  if (session.readSlots === undefined)
    throw new EnvironmentError(
      `Cannot train: the port (${port.report.engine}) does not give what its optimizer keeps, so that no checkpoint could be resumed; readSlots is wanted`,
    );
  return session;
}

/** How batches are loaded from `firstStep` on. */
export function loaderOptions(
  { plan, ranks, workers }: Pick<TrainOptions, 'plan' | 'ranks' | 'workers'>,
  firstStep: number,
): LoaderOptions {
  return {
    recipe: plan.recipe,
    batchSize: plan.batchSize,
    rank: ranks?.rank ?? 0,
    ranks: ranks?.size ?? 1,
    firstStep,
    workers,
    batchesAhead,
  };
}

/** For a port that does not look itself. */
function faultOf({ loss }: StepReport): NonNullable<StepReport['nonFinite']> | null {
  return Number.isFinite(loss) ? null : { what: 'loss', layer: 'an unknown layer' };
}

/** The first rank evaluates and decides; the others hear of it. */
function stopTogether({ ranks, earlyStopIntervals }: TrainOptions, stops: boolean): boolean {
  if (ranks === null || earlyStopIntervals === null) return stops;
  const decided = Float32Array.of(stops ? 1 : 0);
  ranks.sum(decided);
  return decided[0]! > 0;
}

/** Ranks add up the same gradients from the same weights: where the bits differ, they have not trained together. */
function validateSameWeights(ranks: Collective, weights: ReadonlyMap<string, Float32NdArray>, iteration: number): void {
  const parts = [...weights.values()].map(({ data }) => data);
  if (sameOnAllRanks(ranks, parts)) return;
  throw new EnvironmentError(
    `Cannot go on training: after iteration ${iteration} the weights differ between the ${ranks.size} ranks; the same bits on all of them are wanted. Fix: the same processor, port and engine on every rank`,
  );
}

function averageLoss(loss: number, ranks: Collective | null): number {
  if (ranks === null || ranks.size === 1) return loss;
  const sum = Float32Array.of(loss);
  ranks.sum(sum);
  return sum[0]! / ranks.size;
}

/** Copies: a session may use its arrays again. */
async function readWeights(
  session: TrainingSession,
  like: ReadonlyMap<string, Float32NdArray>,
): Promise<Map<string, Float32NdArray>> {
  const read = new Map<string, Float32NdArray>();
  await session.read([...like.keys()], (name, { shape, data }) => read.set(name, float32NdArray(shape, data.slice())));
  return new Map([...like.keys()].map((name) => [name, read.get(name)!]));
}

async function readSlots(session: TrainingSession): Promise<Map<string, Float32NdArray>> {
  const slots = new Map<string, Float32NdArray>();
  await session.readSlots!((name, { shape, data }) => slots.set(name, float32NdArray(shape, data.slice())));
  return slots;
}

async function evaluateNow(
  { evaluate, port, plan }: TrainOptions,
  weights: ReadonlyMap<string, Float32NdArray>,
  iteration: number,
) {
  if (evaluate === null) return null;
  const loaded = await port.load(plan.model, weights);
  try {
    return await evaluate(loaded, iteration);
  } finally {
    await loaded.dispose();
  }
}

async function save(
  checkpoints: Checkpoints,
  files: ReadonlyMap<string, Uint8Array>,
  iteration: number,
  isBest: boolean,
): Promise<string> {
  const path = await checkpoints.saveStep(iteration, files);
  const best = new Map([...files].filter(([name]) => name !== 'model.pdopt'));
  if (isBest) await checkpoints.saveBest(best);
  return path;
}
