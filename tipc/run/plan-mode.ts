import { EnvironmentError, UserError } from '../../harness/support/errors.js';
import type { TipcFile } from '../plan/form.js';
import { validateFormMode } from '../plan/form-modes.js';
import type { TipcPlan } from '../plan/plan.js';
import { parseMode } from '../text/modes.js';

/**
 * The steps of a mode that are run here.
 * @param benchmark which configurations benchmark_train trains, as its script's third argument; null: all of the file's
 * @throws EnvironmentError for a form that is explained and not run, UserError where the file plans nothing
 */
export function planMode(file: TipcFile, mode: string, benchmark: string | null = null): TipcPlan {
  const name = parseMode(mode);
  if (benchmark !== null && name !== 'benchmark_train')
    throw new UserError(
      `Cannot use --params with ${name}: it says what benchmark_train trains; a command without it is wanted`,
    );
  if (!file.alsoRuns.includes(name)) validateFormMode(file, name);
  if (file.run === null)
    throw new EnvironmentError(
      `Cannot run ${file.path}: its form is ${file.form}, which is explained and not run; train_infer_python.txt is wanted. Fix: npx tipcheck explain ${file.path} ${name}`,
    );
  const plan = file.run(name, benchmark === null ? {} : { benchmark });
  const passedOver = plan.filtered.find(({ kind }) => kind === 'infer');
  if (passedOver !== undefined && !plan.steps.some(({ kind }) => kind === 'infer'))
    throw new UserError(
      `Cannot run ${name} of ${file.path}: TIPC passes over every row of inference, ${file.path}:${passedOver.line}: ${passedOver.reason}; at least one that runs is wanted. Fix: npx tipcheck explain ${file.path} ${name}`,
    );
  if (plan.steps.length === 0)
    throw new UserError(
      `Cannot run ${name} of ${file.path}: the file plans no step for it; at least one is wanted. Fix: npx tipcheck explain ${file.path} ${name}`,
    );
  return plan;
}
