import type { CaseResult } from './case-result.js';
import type { TipcRun } from './tipc-run.js';
import type { Verdict } from './verdict.js';

/** Everything that reporters know about a run: Result → CaseResult → Measurement. Stored as `result.json`. */
export interface Result {
  readonly format: 'tipcheck-result/2';
  readonly runId: string;
  readonly tipcheckVersion: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly durationMs: number;
  /** The command line that made it, without the node binary. */
  readonly command: readonly string[];
  readonly machine: Machine;
  /** By which limits it was judged: `limits/2`. One that an earlier version stored keeps its own. */
  readonly limits: string;
  /** Of which set the shipped goldens were: `goldens/7`. */
  readonly goldens: string;
  readonly suite: string | null;
  readonly verdict: Verdict;
  /** One sentence: why the verdict is what it is. */
  readonly summary: string;
  /** True when `--only` restricted the probes. */
  readonly partial: boolean;
  readonly cases: readonly CaseResult[];
  /** Known failures that the run was told of, and what became of each; absent where it was told of none. */
  readonly waivers?: readonly WaiverUse[];
  /** What a TIPC text file and one of TIPC's own modes ran; absent where goldens alone were judged. */
  readonly tipc?: TipcRun;
  /** What the run is beside an earlier one (`--baseline`); absent where none was given. */
  readonly baseline?: BaselineResult;
}

/** A run, held against an earlier one. */
export interface BaselineResult {
  /** Of the earlier run. */
  readonly runId: string;
  readonly startedAt: string;
  /** A multiple of the noise may grow by this. */
  readonly factor: number;
  readonly because: string;
  /** A multiple counts as at least this: rms errors, and largest single errors. */
  readonly floor: { readonly rms: number; readonly largest: number };
  /** `not-run`: inconclusive, for another CPU, engine or golden. */
  readonly verdict: 'pass' | 'fail' | 'not-run';
  /** Multiples of the noise that both runs have. */
  readonly compared: number;
  /** The worst first; none: nothing became worse. */
  readonly findings: readonly BaselineFinding[];
}

export interface BaselineFinding {
  readonly case: string;
  /** Null: the whole case. */
  readonly probe: string | null;
  /** `worse` and `vanished` fail; `inconclusive`: its figures say nothing of the baseline's. */
  readonly what: 'worse' | 'vanished' | 'inconclusive';
  /** Which error of the probe; null where it is not about one. */
  readonly figure: string | null;
  /** Multiples of the noise. */
  readonly actual: number | null;
  readonly expected: number | null;
  readonly reason: string;
}

/** A waiver and what became of it in a run. */
export interface WaiverUse {
  readonly port: string;
  readonly bundle: string;
  /** A glob; null for a crash, which is of a whole case. */
  readonly probe: string | null;
  readonly failure: string;
  readonly because: string;
  readonly link: string | null;
  readonly until: string | null;
  /** Where it is written. */
  readonly source: string;
  /**
   * `used`: it waived a failure. `stale`: nothing was there to waive. `expired`: its last day is over. The last two
   * fail a run. `unseen`: what it names did not run, or was not asked for. `elsewhere`: its port or bundle is not part
   * of the run.
   */
  readonly state: 'used' | 'stale' | 'expired' | 'unseen' | 'elsewhere';
  /** How many failures it names, without those that inherit. */
  readonly matched: number;
  /** The state in a sentence; null where it was used. */
  readonly note: string | null;
  /** Why it waives more than a waiver should, or for longer, in a sentence; absent where it does not. */
  readonly caution?: string;
}

export interface Machine {
  readonly platform: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly node: string;
}
