import type { describeMachine } from '../../harness/support/describe-machine.js';
import type { ForwardTime } from './forward-time.js';
import type { StageEnd } from './run-stage.js';

/** What is written as proof.json, again after every stage. */
export interface Proof {
  readonly format: 'tipcheck-gpu-proof/1';
  readonly rehearsal: boolean;
  readonly machine: ReturnType<typeof describeMachine>;
  readonly stages: readonly ProvedStage[];
  /** A stage that this machine cannot run, and why; null: none. */
  readonly leftOut: string | null;
  readonly forwards: readonly ForwardTime[];
}

export interface ProvedStage extends StageEnd {
  /** The worst layer's own and accumulated error, in multiples of the noise. */
  readonly own: number | null;
  readonly accumulated: number | null;
  /** By how much it differs from the first run of the same. */
  readonly spread: number | null;
}
