import { dirname, relative } from 'node:path';
import { listFormats } from '../../harness/reporters/find-reporters.js';
import { writeReport } from '../../harness/reporters/write-report.js';
import { findHeadlineFaults } from '../../harness/run/find-headline-faults.js';
import { readRun } from '../../harness/run/read-run.js';
import { out } from '../../harness/support/console.js';
import { UserError } from '../../harness/support/errors.js';
import { type AlignmentFlags, alignmentFlags, readAlignmentFlags } from '../options/alignment.js';
import type { Program } from '../program.js';

interface RenderOptions extends AlignmentFlags {
  readonly format?: string;
  readonly out?: string;
}

export function register(program: Program): void {
  program
    .command('render')
    .helpGroup('Reports:')
    .summary('make the reports of a stored run again')
    .description(
      'Reads the result.json of a run and writes its reports. A result whose headline does not follow from its cases or steps is refused. Exit codes: 0 written, 2 bad usage or input.',
    )
    .argument('<run>', "a run's folder (reports/<run-id>), or a result.json")
    .option('--format <names>', `only these, separated by commas: ${listFormats().join(', ')} (default: all)`)
    .option('--out <folder>', "where to (default: the run's own folder)")
    .addOptions(alignmentFlags)
    .endsWith(async (run: string, options: RenderOptions) => {
      for (const path of await renderRun(run, options)) out(relative('', path));
      return 0;
    });
}

/** With `--alignment` alone, that file is all that is written. @returns the paths written */
export async function renderRun(run: string, { format, out, ...flags }: RenderOptions): Promise<string[]> {
  const writeAlignment = await readAlignmentFlags(flags);
  const { path, result } = await readRun(run);
  const [fault] = findHeadlineFaults(result);
  if (fault !== undefined)
    throw new UserError(
      `Cannot render ${path}: ${fault}; a result whose headline follows from its cases is wanted. Fix: npx tipcheck verify ${run}`,
    );
  if (flags.alignment !== undefined) {
    if (result.cases.length === 0)
      throw new UserError(
        `Cannot write ${flags.alignment}: ${path} judged no goldens, which the five steps are made of; a run of judge or of a suite is wanted`,
      );
    await writeAlignment(result);
    if (format === undefined && out === undefined) return [flags.alignment];
  }
  const formats = format?.split(',').map((name) => name.trim());
  const written = await writeReport(out ?? dirname(path), result, formats);
  return flags.alignment === undefined ? written : [flags.alignment, ...written];
}
