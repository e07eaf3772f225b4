import { type Float32NdArray, float32NdArray } from '../../harness/contract/nd-array.js';
import type { Collective, TrainingSession } from '../../harness/contract/port.js';
import { EnvironmentError } from '../../harness/support/errors.js';
import { type Checkpoints, openCheckpoints } from '../checkpoints/checkpoints.js';
import { type LoopState, renderCheckpoint } from '../checkpoints/training-state.js';
import { sameOnAllRanks } from '../ranks/same-on-all-ranks.js';
import { isFirstRank, type Scores, type TrainOptions } from './train-options.js';
import type { LogWindow } from './training-log.js';

/** Where a checkpoint is taken. */
export interface Moment {
  readonly iteration: number;
  readonly learningRate: number;
  readonly window: LogWindow;
}

/** Checkpoints, evaluations and the early stop of a training. */
export interface CheckpointKeeper {
  /** The folder of the newest that this training wrote. */
  readonly last: string | null;
  /** Null without an evaluation. */
  readonly bestMiou: number | null;
  /**
   * Evaluates and saves, on the first rank; every rank calls it. Whether the training ends here, which is the same on
   * all.
   */
  keep(moment: Moment): Promise<boolean>;
}

export async function keepCheckpoints(options: TrainOptions, session: TrainingSession): Promise<CheckpointKeeper> {
  const { ranks, resume, log, earlyStopIntervals } = options;
  const checkpoints = isFirstRank(options)
    ? await openCheckpoints(options.saveDir, Math.max(0, options.keepCheckpointMax))
    : null;
  const best = { mIoU: resume?.loop.bestMiou ?? -1, iteration: resume?.loop.bestIteration ?? -1 };
  let worse = resume?.loop.worseEvaluations ?? 0;
  let last: string | null = null;

  /** Whether it is the best so far. */
  const rate = ({ mIoU }: Scores, iteration: number): boolean => {
    const isBest = mIoU > best.mIoU;
    worse = isBest ? 0 : mIoU < best.mIoU ? worse + 1 : worse;
    if (isBest) Object.assign(best, { mIoU, iteration });
    return isBest;
  };
  const tell = (found: Scores, iteration: number, stops: boolean) => {
    options.onEvaluation?.(found, iteration);
    log(
      stops
        ? `Early stopping at iter ${iteration}. The best mean IoU is ${best.mIoU.toFixed(4)}.`
        : `[EVAL] The model with the best validation mIoU (${best.mIoU.toFixed(4)}) was saved at iter ${best.iteration}.`,
    );
  };

  return {
    get last() {
      return last;
    },
    get bestMiou() {
      return best.iteration < 0 ? null : best.mIoU;
    },
    async keep(moment) {
      const { iteration } = moment;
      const weights = await readWeights(session, options.weights);
      if (ranks !== null) validateSameWeights(ranks, weights, iteration);
      if (checkpoints === null) return stopTogether(options, false);
      const found = await evaluateNow(options, weights, iteration);
      const isBest = found !== null && rate(found, iteration);
      const counts = { bestMiou: best.mIoU, bestIteration: best.iteration, worseEvaluations: worse };
      const files = await render(options, session, { weights, found, moment, counts });
      last = await save(checkpoints, files, iteration, isBest);
      const enough = found !== null && earlyStopIntervals !== null && worse >= earlyStopIntervals;
      const stops = stopTogether(options, enough);
      if (found !== null) tell(found, iteration, stops);
      return stops;
    },
  };
}

type Weights = ReadonlyMap<string, Float32NdArray>;

/** What a checkpoint holds beside what the options say. */
interface Kept {
  readonly weights: Weights;
  readonly found: Scores | null;
  readonly moment: Moment;
  readonly counts: Pick<LoopState, 'bestMiou' | 'bestIteration' | 'worseEvaluations'>;
}

async function render(
  { seed, portName: port, pretrained }: TrainOptions,
  session: TrainingSession,
  { weights, found, moment: { iteration, learningRate, window }, counts }: Kept,
): Promise<Map<string, Uint8Array>> {
  const optimizer = { steps: iteration, slots: await readSlots(session) };
  const evaluation = { mIoU: found?.mIoU ?? null, Acc: found?.Acc ?? null };
  const loop = { seed, port, pretrained, ...counts, lossSum: window.lossSum, lossCount: window.count, ...evaluation };
  return renderCheckpoint({ weights, optimizer, learningRate, loop });
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
  weights: Weights,
  iteration: number,
): Promise<Scores | null> {
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
