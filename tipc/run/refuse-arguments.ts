import { UserError } from '../../harness/support/errors.js';
import type { TipcFile } from '../plan/form.js';
import type { TipcPlan, TipcStep } from '../plan/plan.js';
import { describeMisplaced } from '../runners/tipcheck/scripts.js';

/**
 * @param isOurs whether ports of ours are to run it; the user's own PaddleSeg may be a fork that has more options, and
 *   no fork takes words that are none
 * @throws UserError for an argument at which the tool would stop, and for a tool that does something else than the step
 */
export function refuseArguments(file: TipcFile, plan: TipcPlan, isOurs: boolean): void {
  for (const step of plan.steps) {
    const why = describeRefused(file, step, isOurs);
    if (why !== null) throw new UserError(`Cannot run ${plan.mode} of ${why}`);
  }
}

/** What is wrong with the step's command, with file, line and the way out; null where nothing is. */
export function describeRefused(file: TipcFile, step: TipcStep, isOurs = true): string | null {
  const misplaced = isOurs ? describeMisplaced(step) : null;
  if (misplaced !== null) return `${file.path}:${step.line}: ${misplaced}`;
  const { refused } = step.request;
  if (refused === null || (!isOurs && refused.name.startsWith('--'))) return null;
  const { name, why } = refused;
  const fix = step.kind === 'eval' && name.includes('pretrained') ? '. Fix: --model_path:null' : '';
  return `${file.path}:${file.lineOf(step, name)}: ${step.script} would stop: ${why}; arguments that it takes are wanted${fix}`;
}
