import type { BreakFolder, Outcome } from './break-folder.js';

/** One way to break a run. */
export interface BreakRow {
  readonly name: string;
  /** In the normal run, too: it is quick. All others run with TIPCHECK_TEST_ALL=1. */
  readonly quick?: true;
  /** Breaks the folder, and asks tipcheck. */
  readonly breakIt: (folder: BreakFolder) => Promise<Outcome>;
  /** Where it may be green: the deviation is printed, stored, and in the certificate's cell. */
  readonly mayBeReduced?: true;
  /** Where a file is away nothing is wrong with the run: it may be green, if `verify` and the certificate say so. */
  readonly mayBeAway?: true;
}
