import type { ResolvedConfig } from '../steps/resolve-config.js';
import type { PlannedInputs } from './planned-inputs.js';

/** What recording reads beside the plan. */
export interface InputsRequest extends PlannedInputs {
  readonly configs: ReadonlyMap<string, ResolvedConfig>;
  /** The text file. */
  readonly path: string;
  /** `--pretrained`: `none`, or a file; null: as the yml says. */
  readonly pretrained: string | null;
}
