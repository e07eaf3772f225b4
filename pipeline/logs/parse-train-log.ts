import { UserError } from '../../harness/support/errors.js';

/** [iteration, value]; NaN and Infinity stay what they are. */
export type LogPoint = readonly [iteration: number, value: number];

/** What a training logged, by iteration, ascending. */
export interface TrainLog {
  /** Of the whole training, as its lines say; null where they do not. */
  readonly iterations: number | null;
  /**
   * What the weights were at the start, as our logs say: `all 519 tensors from initialisation`; null where it is not
   * said.
   */
  readonly weights: string | null;
  /** Mean over the iterations since the line before. */
  readonly loss: readonly LogPoint[];
  readonly lr: readonly LogPoint[];
  /** Shares, 0 to 1. */
  readonly mIoU: readonly LogPoint[];
}

const trainLine =
  /\[TRAIN\] epoch: ?\d+, iter: ?(?<iteration>\d+)\/(?<iterations>\d+), loss: ?(?<loss>\S+?), lr: ?(?<lr>[^\s,]+)/;
const weightsLine = /INFO: Weights: (?<weights>.+?)\r?$/;
const evalLine = /\[EVAL\] #Images[:=] ?\d+ mIoU[:=] ?(?<mIoU>\S+)/;
const savedLine = /\[EVAL\] The model with the best validation mIoU \(\S+\) was saved at iter (?<iteration>\d+)/;

/**
 * Reads the `[TRAIN]` and `[EVAL]` lines of a PaddleSeg log or of ours; what stands before them on a line (a time, a
 * level) and all other lines are passed over. An evaluation says no iteration: it belongs to the last training line
 * before it, or to the one that the line after it names. Where a training was resumed into the same log, what was done
 * again replaces what was done first. Source: train in paddleseg/core/train.py and evaluate in core/val.py, 2.0
 * (`mIoU=`) to 2.8 (`mIoU: `).
 * @param source names the file, for errors
 * @throws UserError where there is no such line, or a figure that is none
 */
export function parseTrainLog(text: string, source: string): TrainLog {
  const loss: LogPoint[] = [];
  const lr: LogPoint[] = [];
  const mIoU: LogPoint[] = [];
  let iterations: number | null = null;
  let weights: string | null = null;
  let last = 0;
  for (const [at, line] of text.split('\n').entries()) {
    const trained = trainLine.exec(line)?.groups;
    const where = `${source}:${at + 1}`;
    if (trained !== undefined) {
      const iteration = Number(trained.iteration);
      if (iteration <= last) for (const points of [loss, lr, mIoU]) dropFrom(points, iteration);
      last = iteration;
      iterations = Number(trained.iterations);
      loss.push([iteration, parseFigure(trained.loss!, where, 'loss')]);
      lr.push([iteration, parseFigure(trained.lr!, where, 'lr')]);
    }
    weights ??= weightsLine.exec(line)?.groups?.weights ?? null;
    const evaluated = evalLine.exec(line)?.groups;
    if (evaluated !== undefined) {
      dropFrom(mIoU, last);
      mIoU.push([last, parseFigure(evaluated.mIoU!, where, 'mIoU')]);
    }
    const saved = Number(savedLine.exec(line)?.groups?.iteration ?? Number.NaN);
    const [iteration, value] = mIoU.at(-1) ?? [Number.NaN, Number.NaN];
    if (iteration === last && saved > last) mIoU[mIoU.length - 1] = [saved, value];
  }
  if (loss.length > 0 || mIoU.length > 0) return { iterations, weights, loss, lr, mIoU };
  throw new UserError(
    `Cannot read the log ${source}: none of its lines is one of [TRAIN] or [EVAL] with its figures; a train.log of PaddleSeg or of tipcheck is wanted`,
  );
}

function dropFrom(points: LogPoint[], iteration: number): void {
  while (points.length > 0 && points.at(-1)![0] >= iteration) points.pop();
}

/** As Python prints a float: `0.25`, `6e-05`, `nan`, `inf`. */
function parseFigure(text: string, where: string, name: string): number {
  if (/^nan$/i.test(text)) return Number.NaN;
  if (/^-?inf$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  if (/^-?\d+(\.\d*)?(e[+-]?\d+)?$/i.test(text)) return Number(text);
  throw new UserError(`Cannot read ${where}: ${name} is ${text}; a number is wanted`);
}
