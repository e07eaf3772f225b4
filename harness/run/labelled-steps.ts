import type { TipcRun } from '../result/record/tipc-run.js';

/** The steps of one of the runs that are merged. */
export interface LabelledSteps {
  /** Short and of this run alone. */
  readonly label: string;
  /** Of its result: where it is a merge itself, it says of which runs. */
  readonly command: readonly string[];
  readonly tipc: TipcRun;
}
