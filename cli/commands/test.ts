import { join } from 'node:path';
import { type Command, Option } from 'commander';
import type { Device } from '../../harness/contract/device.js';
import type { Bundle } from '../../harness/golden/bundle.js';
import { listShippedBundles, resolveBundleFolder } from '../../harness/golden/list-shipped.js';
import { readBundle } from '../../harness/golden/read-bundle.js';
import { readCurve } from '../../harness/golden/read-curve.js';
import { type EvalGolden, readEvalGolden } from '../../harness/golden/read-eval-golden.js';
import { resolvePort } from '../../harness/hosts/resolve-port.js';
import { judgePlans } from '../../harness/judge.js';
import type { CaseResult } from '../../harness/result/record/case-result.js';
import type { Result } from '../../harness/result/record/result.js';
import { type Plan, planRun } from '../../harness/run/plan.js';
import { exitCodeOfVerdict } from '../../harness/run/summarise.js';
import { waitForNative } from '../../harness/setup/native-wait.js';
import { note, tell } from '../../harness/support/console.js';
import { UserError } from '../../harness/support/errors.js';
import { validateModels } from '../../models/validate-models.js';
import { pipelineEvaluator } from '../../pipeline/tools/evaluator.js';
import { readTipcFile } from '../../tipc/plan/read-tipc-file.js';
import { planSuite, type SuitePlan } from '../../tipc/suite/plan-suite.js';
import { parseMode, suiteModes, tipcModes } from '../../tipc/text/modes.js';
import { refuseBeside } from '../options/group.js';
import { type JudgeFlags, judgeFlags, readJudgeFlags } from '../options/judge.js';
import { readStepFlags, type StepFlags, stepFlags } from '../options/steps.js';
import type { Program } from '../program.js';
import { showRun } from '../show-run.js';

interface TestOptions extends JudgeFlags, StepFlags {
  readonly port?: readonly string[];
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
    return testTipc(path, ofTipc, names, options);
  }
  refuseBeside(stepFlags, command, 'goldens', `with ${suiteModes.join(', ')}`);
  const file = await readTipcFile(path);
  const suites = [...new Set(names)].map((mode) => planSuite(file, mode, listShippedBundles()));
  for (const text of new Set(suites.flatMap(({ notes }) => notes))) note(text);
  const held = await readJudgeFlags(options);
  const plans: Plan[] = [];
  for (const suite of suites) plans.push(await planOf(suite, options));
  const result = await judgePlans(plans, {
    command: process.argv.slice(2),
    // On a first start the native part of a slow port is still being made while other ports are judged.
    listener: { ...showRun(plans), onPortStart: ({ name, about }) => waitForNative(name, about) },
    suite: suites.map(({ name }) => name).join(', '),
    ...(await held({
      ids: new Map(suites.flatMap((suite, at) => idsOf(suite, plans[at]!))),
      expected: suites.flatMap(({ suite }) => suite.expectedFailures),
      isAsked: askedOf(plans),
    })),
    reportFolder: (runId) => join(options.reports, runId),
  });
  return Math.max(...suites.map((suite) => exitCodeOfTest(result, suite)));
}

async function testTipc(path: string, mode: string, modes: readonly string[], options: TestOptions): Promise<number> {
  if (modes.length > 1)
    throw new UserError(
      `Cannot run ${modes.join(' and ')} in one run: ${mode} is TIPC's own, with folders of its own; one mode is wanted`,
    );
  const { runTipc } = await import('../../tipc/run/run-tipc.js');
  return runTipc(path, mode, readStepFlags(options), process.argv.slice(2));
}

async function planOf(suite: SuitePlan, options: TestOptions): Promise<Plan> {
  const bundles: Bundle[] = [];
  for (const name of suite.bundles) bundles.push(await readBundle(resolveBundleFolder(name)));
  bundles.push(...suite.curves.map((name) => readCurve(name)));
  await validateModels(bundles);
  const goldens: EvalGolden[] = [];
  for (const name of suite.evaluations) goldens.push(await readEvalGolden(name));
  return planRun({
    ports: choosePorts(suite, options.port).map((name) => resolvePort(name)),
    bundles,
    evaluations: { goldens, evaluator: pipelineEvaluator },
    device: chooseDevice(suite, options.device),
    threads: suite.threads,
    limits: suite.suite.limits,
  });
}

/** A baseline may hold more ports and more modes; within those that run, all of its cases are asked for. */
function askedOf(plans: readonly Plan[]): (found: CaseResult) => boolean {
  const planned = plans.flatMap(({ cases, evaluations }) => [
    ...cases.map(({ port, bundle }) => `${port.name} ${bundle.phase}`),
    ...evaluations.map(({ port }) => `${port.name} eval`),
  ]);
  return ({ port, phase }) => planned.includes(`${port} ${phase}`);
}

/** What a suite calls its goldens, and the ids of their cases. */
function idsOf({ bundles, curves, evaluations }: SuitePlan, plan: Plan): [name: string, id: string][] {
  const names = [...bundles, ...curves];
  const ids = [
    ...plan.cases.slice(0, names.length).map(({ bundle }) => bundle.id),
    ...plan.evaluations.slice(0, evaluations.length).map(({ golden }) => golden.id),
  ];
  return [...names, ...evaluations].map((name, at) => [name, ids[at]!]);
}

/** A port that the suite requires and that did not run is exit 3: the run says nothing about it. */
function exitCodeOfTest(result: Result, { suite }: SuitePlan): number {
  const unrun = suite.require.filter((port) => !result.cases.some((found) => found.port === port));
  if (unrun.length === 0 || result.verdict === 'fail') return exitCodeOfVerdict(result.verdict);
  tell(`not run: ${unrun.join(', ')}, which the suite requires. Fix: leave out --port`);
  return 3;
}

function choosePorts(suite: SuitePlan, asked: readonly string[] | undefined): readonly string[] {
  if (asked === undefined) return suite.ports;
  const stray = asked.find((name) => !suite.ports.includes(name));
  if (stray === undefined) return suite.ports.filter((name) => asked.includes(name));
  throw new UserError(
    `Cannot test port ${stray}: the file names ${suite.ports.join(', ')}; one of them is wanted. Fix: npx tipcheck judge ${stray} <bundle>`,
  );
}

/** The command line goes before the file; `auto` on it leaves the file's choice. */
function chooseDevice({ devices }: SuitePlan, asked: Device): Device {
  if (asked !== 'auto') return asked;
  const [device = 'auto', ...more] = devices;
  if (more.length === 0) return device;
  throw new UserError(
    `Cannot test on ${devices.join(' and ')} in one run: the file names both; one is wanted. Fix: --device ${device}`,
  );
}
