import type { TipcRun } from '../result.js';

/** The steps of one of the runs that are merged. */
export interface LabelledSteps {
  /** Short and of this run alone. */
  readonly label: string;
  readonly tipc: TipcRun;
}
