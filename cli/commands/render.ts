import { readFile, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { Command } from 'commander';
import { parseResult } from '../../harness/reporters/parse-result.js';
import { writeReport } from '../../harness/reporters/write-report.js';
import { codeOf, messageOf, UserError } from '../../harness/support/errors.js';

interface RenderOptions {
  readonly format?: string;
  readonly out?: string;
}

export function register(program: Command): void {
  program
    .command('render')
    .helpGroup('Reports:')
    .summary('make the reports of a stored run again')
    .description('Reads the result.json of a run and writes its reports. Exit codes: 0 written, 2 bad usage or input.')
    .argument('<run>', "a run's folder (reports/<run-id>), or a result.json")
    .option(
      '--format <names>',
      'only these, separated by commas: github, html, json, junit, markdown, tap (default: all)',
    )
    .option('--out <folder>', "where to (default: the run's own folder)")
    .action(async (run: string, options: RenderOptions) => {
      for (const path of await renderRun(run, options)) process.stdout.write(`${relative('', path)}\n`);
    });
}

/** @returns the paths written */
export async function renderRun(run: string, { format, out }: RenderOptions): Promise<string[]> {
  const path = await resolveResult(run);
  const result = parseResult(await readText(path), path);
  return writeReport(
    out ?? dirname(path),
    result,
    format?.split(',').map((name) => name.trim()),
  );
}

async function resolveResult(run: string): Promise<string> {
  try {
    return (await stat(run)).isDirectory() ? join(run, 'result.json') : run;
  } catch (error) {
    throw unreadable(run, error);
  }
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, error: unknown): UserError {
  const found = codeOf(error) === 'ENOENT' ? 'there is no such file' : messageOf(error);
  return new UserError(`Cannot read the run ${path}: ${found}; a run's folder or a result.json is wanted`);
}
