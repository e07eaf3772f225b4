import type { StepResult } from '../../harness/result/record/tipc-run.js';
import { EnvironmentError, UserError } from '../../harness/support/errors.js';
import { explainSystem } from '../../harness/support/explain-system.js';
import { UnusableInput } from '../runners/tipcheck/graph-runs.js';

/**
 * What is said of a step whose judge threw. Only what the step left can disagree: what the machine cannot do and a
 * defect of the judge say nothing of the port.
 */
export function unjudgedStep(thrown: unknown): Partial<StepResult> {
  const error = explainSystem(thrown) ?? thrown;
  if (error instanceof UnusableInput) return { verdict: 'error', blame: 'user', reason: error.message };
  if (error instanceof UserError) return { verdict: 'fail', reason: error.message };
  if (error instanceof EnvironmentError) return { verdict: 'error', reason: error.message };
  return { verdict: 'error', reason: `the judge of this step failed: ${error}` };
}
