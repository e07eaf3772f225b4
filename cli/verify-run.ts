import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { selectBundles } from '../harness/config/select-bundles.js';
import { findSuite, readSuite } from '../harness/config/suite.js';
import { listShippedBundles, resolveBundleFolder } from '../harness/golden/list-shipped.js';
import { listShippedCurves } from '../harness/golden/read-curve.js';
import { listShippedEvalGoldens } from '../harness/golden/read-eval-golden.js';
import { findReporters } from '../harness/reporters/find-reporters.js';
import type { Result, TipcRun } from '../harness/result.js';
import { findContradictions } from '../harness/run/find-contradictions.js';
import { isPortNamed } from '../harness/run/merge-results.js';
import { codeOf } from '../harness/support/errors.js';
import { hashFile } from '../harness/support/hash-file.js';
import { packageRoot, packageVersion } from '../harness/support/package-root.js';
import { parseJson } from '../harness/support/parse-json.js';
import type { StoredRun } from './read-run.js';

export interface Verification {
  /** What was found wrong, a sentence each; none: the run is what it says. */
  readonly faults: readonly string[];
  /** What could not be looked at, and why. */
  readonly unchecked: readonly string[];
}

/**
 * Checks a stored run again: its verdicts follow from its figures, every case that its suite plans is there, the goldens are those
 * of this package, and the other reports in its folder say what `result.json` says.
 */
export async function verifyRun({ path, result }: Pick<StoredRun, 'path' | 'result'>): Promise<Verification> {
  const shipped = await readShipped();
  const goldens = checkGoldens(result, shipped);
  const reports = await checkReports(dirname(path), result);
  const steps = await checkSteps(dirname(path), result);
  return {
    faults: [
      ...findContradictions(result),
      ...findDropped(result, shipped),
      ...goldens.faults,
      ...steps.faults,
      ...reports.faults,
    ],
    unchecked: [...goldens.unchecked, ...steps.unchecked, ...reports.unchecked],
  };
}

interface Findings {
  readonly faults: readonly string[];
  readonly unchecked: readonly string[];
}

/** What is missing where not every port of the run, and every port that a suite requires, was judged on all that the suite names. */
export function findDropped({ suite, cases }: Result, shipped: ReadonlyMap<string, Shipped>): string[] {
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
    const unrun = require.filter((wantedPort) => !ran.some((port) => isPortNamed(port, wantedPort)));
    const ports = [...new Set([...ran, ...unrun])];
    return ports.flatMap((port) =>
      wanted
        .filter((golden) => !ids.has(`${port}/${shipped.get(golden)?.id ?? golden}`))
        .map((golden) => `${port} on the ${golden} is missing; suite ${name} plans it`),
    );
  });
}

function checkGoldens({ cases }: Result, shipped: ReadonlyMap<string, Shipped>): Findings {
  const byId = new Map([...shipped.values()].map(({ id, sha256 }) => [id, sha256]));
  const faults: string[] = [];
  const unchecked: string[] = [];
  for (const [id, sha256] of new Map(cases.map(({ bundle, goldens }) => [bundle, goldens.caseSha256]))) {
    const found = byId.get(id);
    if (found === undefined) unchecked.push(`the golden ${id} is not of this package`);
    else if (found !== sha256)
      faults.push(`the golden ${id} had the hash ${sha256}; that of this package has ${found}`);
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

/** Of a TIPC mode: the plan that was written first says what the result says, and the files that the steps made are what they were. */
async function checkSteps(folder: string, { tipc }: Result): Promise<Findings> {
  if (tipc === undefined) return { faults: [], unchecked: [] };
  const plan = await readText(join(folder, 'plan.json'));
  const files = await checkArtefacts(folder, tipc);
  const faults =
    plan === null ? ['plan.json is missing; the run wrote one before its first step'] : findOtherPlan(plan, tipc);
  return { faults: [...faults, ...files.faults], unchecked: files.unchecked };
}

/** What was fixed before the first step ran, and would change what the verdict means. */
const fixedFirst = ['planned', 'file', 'fileSha256', 'model', 'mode', 'deviations', 'allowed', 'required'] as const;

function findOtherPlan(text: string, tipc: TipcRun): string[] {
  const plan = parseObject(text);
  if (plan === null) return ['plan.json is no plan'];
  return fixedFirst
    .filter((name) => JSON.stringify(plan[name]) !== JSON.stringify(tipc[name]))
    .map((name) =>
      name === 'planned'
        ? 'plan.json plans other steps than result.json'
        : `plan.json says of ${name} ${JSON.stringify(plan[name])}; result.json says ${JSON.stringify(tipc[name])}`,
    );
}

/** Null for what is no object. */
function parseObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value = parseJson(text);
    return typeof value === 'object' && value !== null ? { ...value } : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** A file that is there and is another is a fault; one that is not there says nothing. */
async function checkArtefacts(folder: string, { startFolder, steps }: TipcRun): Promise<Findings> {
  // Paths are from where it was started; a run that does not say is looked at from here.
  const start = startFolder === undefined ? '' : join(folder, startFolder);
  const recorded = new Map<string, Set<string>>();
  for (const { path, sha256 } of steps.flatMap((step) => step.artefacts))
    recorded.set(path, (recorded.get(path) ?? new Set()).add(sha256));
  const absent: string[] = [];
  const faults: string[] = [];
  for (const [path, hashes] of recorded) {
    const found = await hashOrNull(resolve(start, path));
    if (found !== null && hashes.has(found)) continue;
    if (await isAside(resolve(start, path), hashes)) continue;
    if (found === null || startFolder === undefined) absent.push(path);
    else faults.push(`${path} has the hash ${found}; the step that made it recorded ${[...hashes].join(', ')}`);
  }
  if (absent.length === 0) return { faults, unchecked: [] };
  const where = startFolder === undefined ? 'there as they were' : `in ${relative('', start) || 'this folder'}`;
  return {
    faults,
    unchecked: [`${absent.length} of ${recorded.size} files that the steps made are not ${where} (${absent[0]}, …)`],
  };
}

/** Whether a newer run moved the file aside, with a folder that it lies in: `<folder>.before-<run>`. */
async function isAside(path: string, hashes: ReadonlySet<string>): Promise<boolean> {
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
    const names = await readdir(dirname(folder)).catch(() => []);
    for (const name of names.filter((one) => one.startsWith(`${basename(folder)}.before-`))) {
      const found = await hashOrNull(join(dirname(folder), name, relative(folder, path)));
      if (found !== null && hashes.has(found)) return true;
    }
  }
  return false;
}

function hashOrNull(path: string): Promise<string | null> {
  return hashFile(path).catch(() => null);
}

/** Reports of another version may look otherwise; that they are there is all that can be said. */
async function checkReports(folder: string, result: Result): Promise<Findings> {
  const missing: string[] = [];
  for (const { fileName } of (await findReporters()).values())
    if ((await readText(join(folder, fileName))) === null) missing.push(`${fileName} is missing; the run wrote one`);
  const isOther = result.tipcheckVersion !== packageVersion;
  const unchecked = isOther ? [`what the reports say, for tipcheck ${result.tipcheckVersion} wrote them`] : [];
  return { faults: [...missing, ...(await findChangedReports(folder, result))], unchecked };
}

/** Reports of this version that lie beside a result and say something else; those that are not there say nothing. */
export async function findChangedReports(folder: string, result: Result): Promise<string[]> {
  if (result.tipcheckVersion !== packageVersion) return [];
  const changed: string[] = [];
  for (const { fileName, render } of (await findReporters()).values()) {
    const stored = await readText(join(folder, fileName));
    if (stored !== null && stored !== render(result)) changed.push(`${fileName} is not what result.json gives`);
  }
  return changed;
}

async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}
