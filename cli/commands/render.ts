import { dirname, relative } from 'node:path';
import { listFormats } from '../../harness/reporters/find-reporters.js';
import { writeReport } from '../../harness/reporters/write-report.js';
import { findHeadlineFaults } from '../../harness/run/find-headline-faults.js';
import { readRun } from '../../harness/run/read-run.js';
import { out } from '../../harness/support/console.js';
import { UserError } from '../../harness/support/errors.js';
import type { Program } from '../program.js';

interface RenderOptions {
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
    .endsWith(async (run: string, options: RenderOptions) => {
      for (const path of await renderRun(run, options)) out(relative('', path));
      return 0;
    });
}

/** @returns the paths written */
export async function renderRun(run: string, { format, out }: RenderOptions): Promise<string[]> {
  const { path, result } = await readRun(run);
  const [fault] = findHeadlineFaults(result);
  if (fault !== undefined)
    throw new UserError(
      `Cannot render ${path}: ${fault}; a result whose headline follows from its cases is wanted. Fix: npx tipcheck verify ${run}`,
    );
  return writeReport(
    out ?? dirname(path),
    result,
    format?.split(',').map((name) => name.trim()),
  );
}
