import type { Result } from '../result/record/result.js';

/** A report format: a file of formats/ that exports `reporter`. Its name is the file's. */
export interface Reporter {
  readonly fileName: string;
  readonly render: (result: Result) => string;
}
