import type { StepCheck } from '../../../harness/result/record/tipc-run.js';
import { check } from '../../steps/judgement.js';
import type { Evaluation } from './read-tool-log.js';

/**
 * Its log says how many pictures there were and were to be, and both are what its data set says of itself; the yml says
 * how many it names.
 * @param listed by the yml; null: it is of a kind that is not counted, which the step says as a deviation
 */
export function checkEvaluated(evaluation: Evaluation | null, listed: number | null): StepCheck {
  const { images = 0, wanted = 0 } = evaluation ?? {};
  const holds = images > 0 && images === wanted && (listed === null || images === listed);
  return check(
    'pictures',
    holds,
    `${images} were evaluated; it was to look at ${wanted}, and its val_dataset ${listed === null ? 'is not counted' : `lists ${listed}`}`,
  );
}
