import type { Device } from '../../harness/contract/device.js';
import type { Bundle } from '../../harness/golden/bundle.js';
import { listShippedBundles, resolveBundleFolder } from '../../harness/golden/list-shipped.js';
import { readBundle } from '../../harness/golden/read-bundle.js';
import { readCurve } from '../../harness/golden/read-curve.js';
import { type EvalGolden, readEvalGolden } from '../../harness/golden/read-eval-golden.js';
import { resolvePort } from '../../harness/hosts/resolve-port.js';
import type { CaseResult } from '../../harness/result/record/case-result.js';
import type { Result } from '../../harness/result/record/result.js';
import { type Plan, planRun } from '../../harness/run/plan.js';
import { exitCodeOfVerdict } from '../../harness/run/summarise.js';
import { tell } from '../../harness/support/console.js';
import { cannot, UserError } from '../../harness/support/errors.js';
import { suggest } from '../../harness/support/suggest.js';
import { validateModels } from '../../models/validate-models.js';
import { pipelineEvaluator } from '../../pipeline/tools/evaluator.js';
import type { SuitePlan } from '../suite/plan-suite.js';

export interface SuiteChoice {
  /** Only these of the suites' ports; absent: all. */
  readonly port?: readonly string[];
  readonly device: Device;
  /** Shipped bundles of other models. */
  readonly also?: readonly string[];
}

export interface SuitesToRun {
  /** One for each suite, then one for what is added. */
  readonly plans: readonly Plan[];
  /** What the suites call their goldens, and the ids of their cases. */
  readonly ids: ReadonlyMap<string, string>;
  /** Whether a case of a baseline is one of these ports and phases. */
  readonly isAsked: (found: CaseResult) => boolean;
}

/** Reads the goldens that suites name. @throws UserError for a port, a device or a bundle that they do not have */
export async function planSuites(suites: readonly SuitePlan[], choice: SuiteChoice): Promise<SuitesToRun> {
  const plans: Plan[] = [];
  for (const suite of suites) plans.push(await planOf(suite, choice));
  const also = [...new Set(choice.also)];
  if (also.length > 0) plans.push(await planAlso(also, suites, choice));
  const ids = new Map([
    ...suites.flatMap((suite, at) => idsOf(suite, plans[at]!)),
    ...also.map((name, at): [string, string] => [name, plans.at(-1)!.cases[at]!.bundle.id]),
  ]);
  return { plans, ids, isAsked: askedOf(plans.slice(0, suites.length), also.length > 0 ? plans.at(-1)! : null) };
}

async function planOf(suite: SuitePlan, choice: SuiteChoice): Promise<Plan> {
  const bundles = [...(await readBundles(suite.bundles)), ...suite.curves.map((name) => readCurve(name))];
  await validateModels(bundles);
  const goldens: EvalGolden[] = [];
  for (const name of suite.evaluations) goldens.push(await readEvalGolden(name));
  return planRun({
    ports: choosePorts(suite, choice.port).map((name) => resolvePort(name)),
    bundles,
    evaluations: { goldens, evaluator: pipelineEvaluator },
    device: chooseDevice(suite, choice.device),
    threads: suite.threads,
    limits: suite.suite.limits,
  });
}

async function readBundles(names: readonly string[]): Promise<Bundle[]> {
  const bundles: Bundle[] = [];
  for (const name of names) bundles.push(await readBundle(resolveBundleFolder(name)));
  return bundles;
}

/** Bundles of other models, by the contract's limits. */
async function planAlso(names: readonly string[], suites: readonly SuitePlan[], choice: SuiteChoice): Promise<Plan> {
  const shipped = listShippedBundles();
  const stray = names.find((name) => !shipped.includes(name));
  if (stray !== undefined) {
    const wanted = `the name of a shipped bundle is wanted.${suggest(stray, shipped)}`;
    throw cannot('use', `--also ${stray}`, 'it is not one of the bundles that tipcheck ships', wanted);
  }
  const twice = names.find((name) => suites.some(({ bundles }) => bundles.includes(name)));
  if (twice !== undefined)
    throw cannot('use', `--also ${twice}`, 'the suite has it already', 'a bundle of another model is wanted');
  const bundles = await readBundles(names);
  await validateModels(bundles);
  const ports = new Set(suites.flatMap((suite) => choosePorts(suite, choice.port)));
  const [first] = suites as [SuitePlan];
  return planRun({
    ports: [...ports].map((name) => resolvePort(name)),
    bundles,
    device: chooseDevice(first, choice.device),
    threads: first.threads,
  });
}

/** A baseline may hold more ports and more modes; within those that run, all of its cases are asked for. */
function askedOf(plans: readonly Plan[], also: Plan | null): (found: CaseResult) => boolean {
  const planned = plans.flatMap(({ cases, evaluations }) => [
    ...cases.map(({ port, bundle }) => `${port.name} ${bundle.phase}`),
    ...evaluations.map(({ port }) => `${port.name} eval`),
  ]);
  const beside = new Set(also?.cases.map(({ id }) => id));
  return ({ id, port, phase }) => planned.includes(`${port} ${phase}`) || beside.has(id);
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
export function exitCodeOfSuite(result: Result, { suite }: SuitePlan): number {
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
