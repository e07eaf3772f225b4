import { relative } from 'node:path';
import { renderSummary } from '../../harness/reporters/console.js';
import { exitCodeOfVerdict } from '../../harness/run/summarise.js';
import { exitCodeOfSteps } from '../../harness/run/summarise-steps.js';
import { out, outLines, tell } from '../../harness/support/console.js';
import { type MergeOptions, mergeStored } from '../../tipc/stored/merge-stored.js';
import type { Program } from '../program.js';

export function register(program: Program): void {
  program
    .command('merge')
    .helpGroup('Reports:')
    .summary('join the runs of a CI matrix into one, and fail if a planned one is missing')
    .description(
      "Joins stored runs into one result with its reports. What is planned, the suites say: those that the runs name, and --suite. Where a port that a suite requires lacks a case in all runs, nothing is written. Runs of TIPC's modes are joined where they are of one text file and one commit; there each mode's rows are planned, once, through each port that the file names. Exit codes: as of judge for the whole; 1 for what is missing; 2 bad usage or input.",
    )
    .argument('<runs...>', "runs' folders, or their result.json")
    .requiredOption('--out <folder>', 'where the joined result and its reports are written')
    .option('--suite <names...>', 'suites, as list names them, that are planned beside those that the runs name')
    .option('--port <names...>', "TIPC's modes: ports that are planned, in place of those that the text file names")
    .option('--mode <names...>', "TIPC's modes: modes that are planned beside those of the runs")
    .endsWith((runs: readonly string[], options: MergeOptions) => merge(runs, options));
}

async function merge(runs: readonly string[], options: MergeOptions): Promise<number> {
  const merged = await mergeStored(runs, options);
  for (const text of merged.missing) tell(`✕ ${text}`);
  if (merged.result === null) return 1;
  for (const path of merged.written) out(relative('', path));
  outLines(renderSummary(merged.result, {}));
  const { tipc, verdict } = merged.result;
  return tipc === undefined ? exitCodeOfVerdict(verdict) : exitCodeOfSteps(tipc);
}
