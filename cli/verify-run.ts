import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { selectBundles } from '../harness/config/select-bundles.js';
import { findSuite, readSuite } from '../harness/config/suite.js';
import { goldensId, listShippedBundles, resolveBundleFolder } from '../harness/golden/list-shipped.js';
import { listShippedCurves } from '../harness/golden/read-curve.js';
import { listShippedEvalGoldens } from '../harness/golden/read-eval-golden.js';
import { findReporters } from '../harness/reporters/find-reporters.js';
import type { Artefact, Result, TipcRun } from '../harness/result.js';
import { findContradictions } from '../harness/run/find-contradictions.js';
import { isPortNamed } from '../harness/run/port-before-merge.js';
import { UserError } from '../harness/support/errors.js';
import { explainSystem } from '../harness/support/explain-system.js';
import { packageRoot, packageVersion } from '../harness/support/package-root.js';
import { parseJson } from '../harness/support/parse-json.js';
import type { StoredRun } from './read-run.js';
import { checkDate } from './verify/check-date.js';
import { checkFigures } from './verify/check-figures.js';
import { checkHead } from './verify/check-head.js';
import { checkHeldFiles, type HeldFiles } from './verify/check-held-files.js';
import { checkInputs } from './verify/check-inputs.js';
import { checkJudgedSteps } from './verify/check-judged-steps.js';
import { findOtherPlan } from './verify/check-plan.js';
import { checkTextFile } from './verify/check-text-file.js';
import { findUnrecorded } from './verify/find-unrecorded.js';
import { type Findings, joinFindings, noFindings } from './verify/findings.js';
import { readTextOrNull } from './verify/read-text.js';
import { placeOf } from './verify/run-place.js';

export interface Verification {
  /** What was found wrong, a sentence each; none, here and in the next two: the run is what it says. */
  readonly faults: readonly string[];
  /** Cases that its suites plan and that it lacks. */
  readonly dropped: readonly string[];
  /** Goldens that are others in this package. */
  readonly otherGoldens: readonly string[];
  /** What could not be looked at, and why. */
  readonly unchecked: readonly string[];
  /** How many files that it names are not where they were. */
  readonly away: number;
}

/**
 * Checks a stored run again: its verdicts follow from its figures, every case that its suite plans is there, the goldens are those
 * of this package, and the other reports in its folder say what `result.json` says.
 */
export async function verifyRun({ path, result }: Pick<StoredRun, 'path' | 'result'>): Promise<Verification> {
  const shipped = await readShipped();
  const goldens = checkGoldens(result, shipped);
  const reports = await checkReports(dirname(path), result).catch(refuse);
  const steps = await checkSteps(dirname(path), result).catch(refuse);
  return {
    faults: [
      ...findContradictions(result),
      ...checkDate(result),
      ...checkHead(result),
      ...steps.faults,
      ...reports.faults,
    ],
    dropped: findDropped(result, shipped),
    otherGoldens: goldens.faults,
    unchecked: [...goldens.unchecked, ...findUnsupported(result), ...steps.unchecked, ...reports.unchecked],
    away: steps.away ?? 0,
  };
}

/** A run may name what nobody can read, or has the right to: then it is not what it says. @throws what is no file's fault */
function refuse(error: unknown): Findings {
  const explained = error instanceof UserError ? error : explainSystem(error);
  if (!(explained instanceof UserError)) throw error;
  return { ...noFindings, faults: [explained.message] };
}

/** Of goldens, what the port gave is compared and gone. */
function findUnsupported({ tipc, cases }: Result): string[] {
  if (tipc !== undefined || cases.length === 0) return [];
  return [
    'the figures: nothing but result.json holds them, so that only judging again can tell whether they are right',
  ];
}

/** What is missing where not every port of the run, and every port that a suite requires, was judged on all that the suite names. */
export function findDropped({ suite, cases, command }: Result, shipped: ReadonlyMap<string, Shipped>): string[] {
  if (suite === null) return [];
  const ids = new Set(cases.map(({ id }) => id));
  const ran = cases.map(({ port }) => port);
  return suite.split(', ').flatMap((name) => {
    const [model = '', mode = ''] = name.split('/');
    const path = findSuite(model, mode);
    if (path === null) return [`it ran the suite ${name}; there is none of this name`];
    const { bundles, curves, evaluations, require } = readSuite(path);
    const wanted = [
      ...selectBundles(bundles, listShippedBundles(), name).map((golden) => `bundle ${golden}`),
      ...curves.map((golden) => `curve ${golden}`),
      ...evaluations.map((golden) => `evaluation ${golden}`),
    ];
    const unrun = require.filter((wantedPort) => !ran.some((port) => isPortNamed(port, wantedPort, command)));
    const ports = [...new Set([...ran, ...unrun])];
    return ports.flatMap((port) =>
      wanted
        .filter((golden) => !ids.has(`${port}/${shipped.get(golden)?.id ?? golden}`))
        .map((golden) => `${port} on the ${golden} is missing; suite ${name} plans it`),
    );
  });
}

/** Of another set than this package's, one that differs is no fault: the set says so. */
function checkGoldens({ cases, goldens: set }: Result, shipped: ReadonlyMap<string, Shipped>): Findings {
  const byId = new Map([...shipped.values()].map(({ id, sha256 }) => [id, sha256]));
  const faults: string[] = [];
  const unchecked: string[] = [];
  for (const [id, sha256] of new Map(cases.map(({ bundle, goldens }) => [bundle, goldens.caseSha256]))) {
    const found = byId.get(id);
    if (found === undefined) unchecked.push(`the golden ${id} is not of this package`);
    else if (found === sha256) continue;
    else if (set === goldensId)
      faults.push(`the golden ${id} had the hash ${sha256}; that of this package has ${found}`);
    else unchecked.push(`the golden ${id}, which is of ${set} and has another hash in ${goldensId} of this package`);
  }
  return { faults, unchecked };
}

/** A golden of this package: what its cases are called, and the hash of what describes it. */
export interface Shipped {
  readonly id: string;
  readonly sha256: string;
}

/** By the names that suites have for them; a bundle and a curve may share one. What describes each is read, and no array. */
export async function readShipped(): Promise<ReadonlyMap<string, Shipped>> {
  const files = [
    ...listShippedBundles().map((name) => [`bundle ${name}`, join(resolveBundleFolder(name), 'case.json')] as const),
    ...listShippedCurves().map((name) => [`curve ${name}`, shippedPath('curves', name, 'curve.json')] as const),
    ...listShippedEvalGoldens().map(
      (name) => [`evaluation ${name}`, shippedPath('eval', name, 'golden.json')] as const,
    ),
  ];
  const shipped = new Map<string, Shipped>();
  for (const [name, path] of files) {
    const text = await readFile(path, 'utf8');
    const { id } = parseJson(text) as { readonly id: string };
    shipped.set(name, { id, sha256: createHash('sha256').update(text).digest('hex') });
  }
  return shipped;
}

function shippedPath(...parts: string[]): string {
  return join(packageRoot, 'fixtures', ...parts);
}

/** Of a TIPC mode: the plan, the text file, what it stands on, what its steps left, and what they said of themselves. */
async function checkSteps(folder: string, result: Result): Promise<Findings> {
  const { tipc, tipcheckVersion, command } = result;
  if (tipc === undefined) return noFindings;
  const place = placeOf(folder, tipc, tipcheckVersion);
  const artefacts = tipc.steps.flatMap((step) => step.artefacts);
  const kinds = [
    [
      artefacts,
      {
        plural: 'files that the steps made',
        recorder: 'the step that made it recorded',
        mustBeThere: false,
        mayBeAside: true,
      },
    ],
    [
      (tipc.files ?? []).filter(({ path }) => !artefacts.some((one) => one.path === path)),
      { plural: 'files that it left', recorder: 'the run recorded', mustBeThere: true, mayBeAside: true },
    ],
  ] as const;
  const held = await Promise.all(kinds.map(([files, kind]) => checkHeldFiles(place, holdFiles(files), kind)));
  return joinFindings([
    { ...noFindings, faults: findOtherPlan(await readTextOrNull(folder, 'plan.json'), result, tipc) },
    await checkTextFile(place, tipc, command),
    ...held,
    await checkJudgedSteps(place, tipc, command),
    await checkFigures(place, tipc, command),
    await checkInputs(place, tipc, command),
    { ...noFindings, faults: await findUnrecorded(folder, tipc) },
    findUnheld(tipc),
  ]);
}

function holdFiles(files: readonly Artefact[]): HeldFiles {
  const held = new Map<string, Set<string>>();
  for (const { path, sha256 } of files) held.set(path, (held.get(path) ?? new Set()).add(sha256));
  return held;
}

function findUnheld({ files, inputs }: TipcRun): Findings {
  if (files !== null) return noFindings;
  if (inputs !== null)
    return {
      ...noFindings,
      faults: ['result.json lists no hashes of the files that the run left; this version writes them'],
    };
  return {
    ...noFindings,
    unchecked: ['logs and what its steps wrote, for the run is of a version that did not hash them'],
  };
}

/** Reports of another version may look otherwise; that they are there is all that can be said. */
async function checkReports(folder: string, result: Result): Promise<Findings> {
  const missing: string[] = [];
  for (const { fileName } of (await findReporters()).values())
    if ((await readTextOrNull(folder, fileName)) === null) missing.push(`${fileName} is missing; the run wrote one`);
  const isOther = result.tipcheckVersion !== packageVersion;
  const unchecked = isOther ? [`what the reports say, for tipcheck ${result.tipcheckVersion} wrote them`] : [];
  return { faults: [...missing, ...(await findChangedReports(folder, result))], unchecked };
}

/** Reports of this version that lie beside a result and say something else; those that are not there say nothing. */
export async function findChangedReports(folder: string, result: Result): Promise<string[]> {
  if (result.tipcheckVersion !== packageVersion) return [];
  const changed: string[] = [];
  for (const { fileName, render } of (await findReporters()).values()) {
    const stored = await readTextOrNull(folder, fileName);
    if (stored !== null && stored !== render(result)) changed.push(`${fileName} is not what result.json gives`);
  }
  return changed;
}
