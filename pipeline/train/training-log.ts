import { formatFixed } from '../evaluate/numpy-text.js';

/**
 * The sums of the iterations since the last line. A checkpoint keeps them, so that a training that goes on logs the
 * same losses.
 */
export interface LogWindow {
  readonly lossSum: number;
  readonly count: number;
  readonly batchSeconds: number;
  readonly readerSeconds: number;
}

export const emptyWindow: LogWindow = { lossSum: 0, count: 0, batchSeconds: 0, readerSeconds: 0 };

export interface Progress {
  /** From 1. */
  readonly iteration: number;
  readonly iters: number;
  readonly itersPerEpoch: number;
  readonly learningRate: number;
  readonly batchSize: number;
}

export interface TrainScalars {
  readonly loss: number;
  readonly lr: number;
  readonly batchCost: number;
  readonly readerCost: number;
}

/** Means of a window. */
export function measureWindow(window: LogWindow, learningRate: number): TrainScalars {
  const { lossSum, count, batchSeconds, readerSeconds } = window;
  return {
    loss: lossSum / count,
    lr: learningRate,
    batchCost: batchSeconds / count,
    readerCost: readerSeconds / count,
  };
}

/**
 * A [TRAIN] line without its prefix. Source: train in paddleseg/core/train.py. Differs: the mean loss is over the
 * iterations that the window has; the reference divides by log_iters even where there were fewer.
 */
export function renderTrainLine(scalars: TrainScalars, progress: Progress): string {
  const { loss, lr, batchCost, readerCost } = scalars;
  const { iteration, iters, itersPerEpoch, batchSize } = progress;
  const epoch = Math.floor((iteration - 1) / itersPerEpoch) + 1;
  const ips = batchSize / batchCost;
  return `[TRAIN] epoch: ${epoch}, iter: ${iteration}/${iters}, loss: ${formatFixed(loss, 4)}, lr: ${formatFixed(lr, 6)}, batch_cost: ${formatFixed(batchCost, 4)}, reader_cost: ${formatFixed(readerCost, 5)}, ips: ${formatFixed(ips, 4)} samples/sec | ETA ${renderEta((iters - iteration) * batchCost)}`;
}

/** Hours, minutes, seconds. Source: calculate_eta in paddleseg/utils/timer.py. */
function renderEta(seconds: number): string {
  const whole = Math.trunc(Math.max(0, seconds));
  return [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}
