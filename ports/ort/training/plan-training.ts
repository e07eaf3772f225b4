import type { Float32NdArray } from '../../../harness/contract/nd-array.js';
import type { Collective, TrainRequest } from '../../../harness/contract/port.js';
import { isBuffer } from '../../../harness/golden/seeded.js';
import { UserError } from '../../../harness/support/errors.js';
import type { ModelDefinition } from '../../../models/model-definition.js';
import { parseLoss } from '../../../training/loss.js';
import { parseOptimizer } from '../../../training/optimizer.js';
import { parseSchedule, type Schedule } from '../../../training/schedule.js';
import type { newTape } from '../gradients/tape.js';
import type { Runtime } from '../session.js';
import type { TrainingPlan } from './differentiate-loss.js';
import { measureBlockedLayout } from './measure-blocked-layout.js';
import { planState } from './state-layout.js';

export interface TrainableModel {
  readonly definition: ModelDefinition<unknown>;
  readonly config: unknown;
  readonly weights: ReadonlyMap<string, Float32NdArray>;
  readonly newTape: typeof newTape;
  /** Whether depthwise convolutions run in blocks of channels, by ONNX Runtime's own operators; null: where it can. */
  readonly blocked: boolean | null;
}

/** What the graphs of a training are built from, and what runs them needs beside. */
export interface RunPlan extends TrainingPlan<unknown> {
  readonly schedule: Schedule;
  readonly ranks: Collective | null;
}

/** Reads what is asked for. Throws a UserError that names the key. */
export async function planTraining(
  runtime: Runtime,
  { definition, config, newTape, blocked }: TrainableModel,
  { optimizer: section, lrScheduler, iters, loss, ranks }: TrainRequest,
): Promise<RunPlan> {
  const optimizer = parseOptimizer(section);
  // ONNX Runtime would put them on the processor, and copy every map there and back, without a word.
  if (blocked === true && runtime.report.device === 'gpu')
    throw new UserError(
      'Cannot train on the gpu with the setting blocked: its operators are of the processor alone; false is wanted, or no setting',
    );
  return {
    definition,
    config,
    newTape,
    optimizer,
    schedule: parseSchedule(lrScheduler, iters),
    layout: planState(definition.parameters(config), (name) => !isBuffer(name), optimizer),
    loss: parseLoss(loss),
    blocked: blocked ?? (await measureBlockedLayout(runtime)),
    ranks: ranks !== undefined && ranks.size > 1 ? ranks : null,
  };
}
