import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../harness/support/errors.js';
import { renderCount } from '../../harness/support/render-count.js';
import { checkpointPath, listCheckpointSteps } from '../checkpoints/checkpoints.js';
import { readTrainingState } from '../checkpoints/training-state.js';
import type { TrainCommandOptions } from './train-options.js';

export type Resumed = Awaited<ReturnType<typeof readResumed>>;

/** The checkpoint that a training goes on from; null for one that begins, whose folder must hold none. */
export async function readResumed({ resume_model: folder, port, save_dir: saveDir }: TrainCommandOptions) {
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

/** A training that goes on draws what it would have drawn. */
export function chooseSeed({ seed, resume_model }: TrainCommandOptions, resumed: Resumed): number {
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
export function isFinished(
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

export function describeEnd({ resume_model: folder }: TrainCommandOptions, iters: number): string {
  return `${folder} has trained ${iters} of ${renderCount(iters, 'iteration')}`;
}
