import type { TipcPlan } from '../../harness/config/tipc-plan.js';

/** What tipcheck runs in a step's place. */
export interface Replacement {
  /** The step's number. */
  readonly number: number;
  /** A command line; null where nothing runs. */
  readonly command: string | null;
  /** Why nothing runs. */
  readonly reason: string | null;
  readonly notes: readonly string[];
}

/** For each step of a plan, what a port runs in its place. */
export function replaceSteps(plan: TipcPlan, _port: string): Replacement[] {
  return plan.steps.map(({ number }) => ({ number, command: null, reason: null, notes: [] }));
}
