import type { TipcPlan } from '../plan/plan.js';
import type { ResolvedConfig } from '../steps/resolve-config.js';

/** A plan, with what says which files its steps read. */
export interface PlannedInputs {
  readonly plan: TipcPlan;
  /** By the path that commands have. */
  readonly configs: ReadonlyMap<string, Pick<ResolvedConfig, 'path'>>;
  /** Which are to run it. */
  readonly ports: readonly string[];
}
