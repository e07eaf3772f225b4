import type { PickleValue } from './pickle-value.js';

/** What pickles of one sort may hold beside plain data. Nothing that they name is imported, and nothing is run. */
export interface PickleDialect {
  /** For errors: `plain data and NumPy arrays`. */
  readonly holds: string;
  /** What is to be done where they hold something else, for errors. */
  readonly fix?: string;
  /** The classes and functions that they may name. */
  readonly known: ReadonlySet<string>;
  /** What calling `callable` gives. Throws a UserError for one that is not known. */
  reduce(callable: PickleValue, args: PickleValue, source: string): PickleValue;
  /** What an id stands for that names something outside the pickle. Absent: there are none. */
  readPersistent?(id: PickleValue, source: string): PickleValue;
  /** Whether the attributes that a pickle sets of this are left out. */
  ignoresState?(target: PickleValue): boolean;
}
