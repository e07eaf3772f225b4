import { UserError } from '../../harness/support/errors.js';
import { parseMode } from '../text/modes.js';
import type { TipcFile } from './form.js';
import { validateFormMode } from './form-modes.js';
import type { TipcPlan, TipcPlanOptions } from './plan.js';

/**
 * Plans everything that TIPC's script for a file of this form would run in a mode.
 * @param mode as the user wrote it
 * Throws a UserError for an unknown mode, and for one that belongs to another form.
 */
export function planTipc(file: TipcFile, mode: string, options: TipcPlanOptions = {}): TipcPlan {
  const name = parseMode(mode);
  validateFormMode(file, name);
  if (options.benchmark !== undefined && name !== 'benchmark_train')
    throw new UserError(
      `Cannot plan mode ${name} of ${file.path} for ${options.benchmark}: that argument says what benchmark_train trains; a command without it is wanted`,
    );
  return file.plan(name, options);
}
