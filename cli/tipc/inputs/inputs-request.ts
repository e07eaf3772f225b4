import type { PlannedInputs } from '../planned-inputs.js';

/** What recording reads beside the plan. */
export interface InputsRequest extends PlannedInputs {
  /** The text file. */
  readonly path: string;
  /** `--pretrained`: `none`, or a file; null: as the yml says. */
  readonly pretrained: string | null;
}
