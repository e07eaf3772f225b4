import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { listShippedBundles } from '../../harness/golden/list-shipped.js';
import { judgePlans } from '../../harness/judge.js';
import { waitForNative } from '../../harness/setup/native-wait.js';
import { note } from '../../harness/support/console.js';
import { cannot, UserError } from '../../harness/support/errors.js';
import { takeShipped } from '../../harness/support/take-shipped.js';
import { readTipcFile } from '../../tipc/plan/read-tipc-file.js';
import { exitCodeOfSuite, planSuites } from '../../tipc/run/plan-suites.js';
import { planSuite } from '../../tipc/suite/plan-suite.js';
import { parseMode, suiteModes, tipcModes } from '../../tipc/text/modes.js';
import { refuseBeside } from '../options/group.js';
import { type JudgeFlags, judgeFlags, readJudgeFlags } from '../options/judge.js';
import { readStepFlags, type StepFlags, stepFlags } from '../options/steps.js';
import type { Program } from '../program.js';
import { showRun } from '../show-run.js';

interface TestOptions extends JudgeFlags, StepFlags {
  readonly port?: readonly string[];
  readonly also?: readonly string[];
  readonly reports: string;
}

export function register(program: Program): void {
  program
    .command('test')
    .helpGroup('Judge:')
    .summary('run what a TIPC text file and a mode name, and write a report')
    .description(
      "Runs what a TIPC text file and a mode name, through every port of the file, and writes a report. TIPC's own modes run train, eval, export and inference over the file's rows, in TIPC's order and folders; ours judge by goldens. Exit codes: 0 all that was asked for passes, 1 something does not, 2 bad usage or input, 3 something did not run.",
    )
    .argument('<file>', 'a TIPC text file, as those under configs/tipc')
    .argument(
      '<mode...>',
      `${suiteModes.join(', ')}: one or more, in one report; or one of TIPC's own: ${tipcModes.join(', ')}`,
    )
    .addOption(
      new Option(
        '--port <name...>',
        "only these of the file's ports, and the run is then no pass for the others; in TIPC's modes paddleseg, too: your own PaddleSeg",
      ),
    )
    .option('--also <bundle...>', 'shipped bundles of other models in the same report, through the same ports')
    .option('--reports <folder>', "where the run's folder is made", 'reports')
    .addGroup(judgeFlags)
    .addGroup(stepFlags)
    .endsWith((file: string, modes: string[], options: TestOptions, command: Command) =>
      test(file, modes, options, command),
    );
}

async function test(path: string, modes: readonly string[], options: TestOptions, command: Command): Promise<number> {
  const names = modes.map(parseMode);
  const ofTipc = names.find((name) => tipcModes.includes(name));
  if (ofTipc !== undefined) {
    refuseBeside(judgeFlags, command, 'steps', `with ${ofTipc}`);
    if (options.also !== undefined)
      throw cannot(
        'use',
        `--also with ${ofTipc}`,
        'it adds goldens',
        `one of ${suiteModes.join(', ')} is wanted with it`,
      );
    return testTipc(path, ofTipc, names, options);
  }
  refuseBeside(stepFlags, command, 'goldens', `with ${suiteModes.join(', ')}`);
  const file = await readTipcFile(takeShipped(path));
  const suites = [...new Set(names)].map((mode) => planSuite(file, mode, listShippedBundles()));
  for (const text of new Set(suites.flatMap(({ notes }) => notes))) note(text);
  const held = await readJudgeFlags(options);
  const { plans, ids, isAsked } = await planSuites(suites, options);
  const result = await judgePlans(plans, {
    command: process.argv.slice(2),
    // On a first start the native part of a slow port is still being made while other ports are judged.
    listener: { ...showRun(plans), onPortStart: ({ name, about }) => waitForNative(name, about) },
    suite: suites.map(({ name }) => name).join(', '),
    ...(await held({
      ids,
      expected: suites.flatMap(({ suite }) => suite.expectedFailures),
      isAsked,
    })),
    reportFolder: (runId) => join(options.reports, runId),
  });
  return Math.max(...suites.map((suite) => exitCodeOfSuite(result, suite)));
}

async function testTipc(path: string, mode: string, modes: readonly string[], options: TestOptions): Promise<number> {
  if (modes.length > 1)
    throw new UserError(
      `Cannot run ${modes.join(' and ')} in one run: ${mode} is TIPC's own, with folders of its own; one mode is wanted`,
    );
  const { runTipc } = await import('../../tipc/run/run-tipc.js');
  return runTipc(path, mode, readStepFlags(options), process.argv.slice(2));
}
