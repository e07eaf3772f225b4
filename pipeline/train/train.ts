import { float32NdArray } from '../../harness/contract/nd-array.js';
import type { LoadedModel, StepReport, TrainingSession } from '../../harness/contract/port.js';
import { EnvironmentError } from '../../harness/support/errors.js';
import { countSteps, type LoaderOptions, loadBatches } from '../data/load-batches.js';
import { keepCheckpoints } from './keep-checkpoints.js';
import { logIterations } from './log-iterations.js';
import type { TrainOptions } from './train-options.js';
import { seededDraws } from './training-draws.js';

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
 * Trains. Everything that is drawn at random depends on the seed and the iteration alone, so that a training that goes
 * on from a checkpoint is the one that was not stopped. Source: train in paddleseg/core/train.py: the order of an
 * iteration is forward, backward, update, log, evaluation, checkpoint. Differs: a resumed training keeps its order of
 * data and its best mIoU; a loss or gradient that is not finite ends it.
 */
export async function train(options: TrainOptions): Promise<TrainOutcome> {
  const { plan, port, resume, ranks } = options;
  const loaded = await port.load(plan.model, options.weights);
  const session = await startSession(options, loaded);
  const checkpoints = await keepCheckpoints(options, session);
  const draws = await seededDraws(plan.model, options.seed, ranks?.rank ?? 0);
  let iteration = resume?.optimizer.steps ?? 0;
  const loader = loaderOptions(options, iteration);
  const log = logIterations(options, countSteps(loader));
  const batches = loadBatches(loader);
  try {
    while (iteration < plan.iters) {
      const startedAt = performance.now();
      const { value: batch } = await batches.next();
      const readAt = performance.now();
      const image = float32NdArray(batch.images.shape, batch.images.data);
      const report = await session.step(
        {
          inputs: new Map([['image', image]]),
          label: batch.labels,
          draws: draws(iteration, image.shape),
          gradients: [],
        },
        () => undefined,
      );
      iteration++;
      const fault = report.nonFinite ?? faultOf(report);
      if (fault !== null) return { kind: 'not finite', iteration, fault, lastCheckpoint: checkpoints.last };
      options.onStep?.(iteration, report);
      log.add(iteration, report, { startedAt, readAt });
      if (iteration % options.saveInterval !== 0 && iteration !== plan.iters) continue;
      const { learningRate } = report;
      if (await checkpoints.keep({ iteration, learningRate, window: log.window })) break;
    }
  } finally {
    await batches.return?.(undefined as never);
    await session.dispose();
    await loaded.dispose();
  }
  return { kind: 'trained', iteration, bestMiou: checkpoints.bestMiou };
}

async function startSession(
  { plan, resume, ranks, port }: TrainOptions,
  loaded: LoadedModel,
): Promise<TrainingSession> {
  if (loaded.train === undefined)
    throw new EnvironmentError(
      `Cannot train: the port (${port.report.engine}) has no training; one with the capability train is wanted. Fix: a --port that npx tipcheck train --help names`,
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
