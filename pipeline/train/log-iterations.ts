import type { Collective, StepReport } from '../../harness/contract/port.js';
import { isFirstRank, type TrainOptions } from './train-options.js';
import { emptyWindow, type LogWindow, measureWindow, renderTrainLine } from './training-log.js';

/** The log of a training: a line each `logIters` iterations, on the first rank. */
export interface IterationLog {
  /** Since the last line. */
  readonly window: LogWindow;
  /** An iteration that ends now. Times are those of `performance.now()`. */
  add(iteration: number, report: StepReport, times: { readonly startedAt: number; readonly readAt: number }): void;
}

/** It goes on from the window of a checkpoint. Every rank makes the same calls: losses are averaged over all. */
export function logIterations(options: TrainOptions, itersPerEpoch: number): IterationLog {
  const { plan, ranks, resume } = options;
  let window: LogWindow = {
    ...emptyWindow,
    lossSum: resume?.loop.lossSum ?? 0,
    count: resume?.loop.lossCount ?? 0,
  };
  const writeLine = (iteration: number, learningRate: number) => {
    const scalars = measureWindow(window, learningRate);
    const { batchSize, iters } = plan;
    options.log(renderTrainLine(scalars, { iteration, iters, itersPerEpoch, batchSize, learningRate }));
    options.onTrainScalars?.(scalars, iteration);
  };
  return {
    get window() {
      return window;
    },
    add(iteration, { loss, learningRate }, { startedAt, readAt }) {
      const lossOfAll = averageLoss(loss, ranks);
      window = {
        lossSum: window.lossSum + lossOfAll,
        count: window.count + 1,
        batchSeconds: window.batchSeconds + (performance.now() - startedAt) / 1000,
        readerSeconds: window.readerSeconds + (readAt - startedAt) / 1000,
      };
      if (iteration % options.logIters !== 0) return;
      if (isFirstRank(options)) writeLine(iteration, learningRate);
      window = emptyWindow;
    },
  };
}

function averageLoss(loss: number, ranks: Collective | null): number {
  if (ranks === null || ranks.size === 1) return loss;
  const sum = Float32Array.of(loss);
  ranks.sum(sum);
  return sum[0]! / ranks.size;
}
