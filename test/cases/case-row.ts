import type { Place, Ran } from './place.js';

/**
 * The exit code of a script whose attack this machine does not allow: the row is skipped, and neither green nor red.
 */
export const notRun = 77;

/** One row of a table: a command, and what is wanted of it. */
export interface CaseRow {
  readonly name: string;
  /** The kind of fault that it shows, as the table names it. */
  readonly point: string;
  readonly run: (place: Place) => Promise<Ran>;
  /** A row that cannot run here ends with `notRun`. */
  readonly exit: readonly number[];
  /** What must stand in its output, and what must not. */
  readonly says?: readonly RegExp[];
  readonly saysNot?: readonly RegExp[];
  /** It may take no longer; a busy machine is allowed for. */
  readonly seconds?: number;
  /** An error is one sentence in one line of stderr. False where a script prints more around it. */
  readonly oneLine?: boolean;
  /** Files and processes: what is wrong with them, in words. */
  readonly check?: (place: Place, ran: Ran) => Promise<readonly string[]>;
}

export interface CaseTable {
  readonly name: string;
  /** Modules of Python that its rows need; null where they need none. */
  readonly python: readonly string[] | null;
  /** What its rows work on. */
  readonly prepare?: (place: Place) => Promise<void>;
  readonly rows: readonly CaseRow[];
}
