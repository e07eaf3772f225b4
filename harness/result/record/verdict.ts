/**
 * `not-run`: a part that could not or did not run. It is shown and counted, and never a pass. `waived`: it fails, and
 * every failure of it is a known one (`--waivers`, or a suite's expected failures). Never a pass either.
 */
export type Verdict = 'pass' | 'waived' | 'fail' | 'error' | 'not-run';

/** Why a failure is let through for now. */
export interface Excuse {
  readonly because: string;
  readonly link: string | null;
  /** The last day on which it holds, `2027-01-31`; null: until it passes. */
  readonly until: string | null;
  /** The waived probe before it from which this one inherits; null where the waiver names it. */
  readonly inheritsFrom: string | null;
}
