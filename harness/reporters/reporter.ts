import type { Result } from '../result/record/result.js';

/**
 * A report format: a file of formats/ that exports `reporter`. Its name is the file's. Every `--report` writes all
 * formats, and `render --format` some. A new one has a test beside it, and a row in docs/reports.md.
 */
export interface Reporter {
  /** The first version of tipcheck that writes it, such as `0.2.0`. `verify` does not ask earlier runs for it. */
  readonly since: string;
  readonly fileName: string;
  readonly render: (result: Result) => string;
}
