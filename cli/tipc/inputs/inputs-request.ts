import type { TipcPlan } from '../../../harness/config/tipc-plan.js';
import type { ResolvedConfig } from '../resolve-config.js';

/** What recording reads beside the plan. */
export interface InputsRequest {
  readonly plan: TipcPlan;
  /** The text file. */
  readonly path: string;
  /** By the path that commands have. */
  readonly configs: ReadonlyMap<string, ResolvedConfig>;
  /** `--pretrained`: `none`, or a file; null: as the yml says. */
  readonly pretrained: string | null;
}
