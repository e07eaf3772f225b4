import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { selectBundles } from '../harness/config/select-bundles.js';
import { findSuite, readSuite } from '../harness/config/suite.js';
import { listShippedBundles, resolveBundleFolder } from '../harness/golden/list-shipped.js';
import { listShippedCurves } from '../harness/golden/read-curve.js';
import { listShippedEvalGoldens } from '../harness/golden/read-eval-golden.js';
import { findReporters } from '../harness/reporters/find-reporters.js';
import type { Result } from '../harness/result.js';
import { findContradictions } from '../harness/run/find-contradictions.js';
import { isPortNamed } from '../harness/run/merge-results.js';
import { codeOf } from '../harness/support/errors.js';
import { hashFile } from '../harness/support/hash-file.js';
import { packageRoot, packageVersion } from '../harness/support/package-root.js';
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
    const { id } = JSON.parse(text) as { readonly id: string };
    shipped.set(name, { id, sha256: createHash('sha256').update(text).digest('hex') });
  }
  return shipped;
}

function shippedPath(...parts: string[]): string {
  return join(packageRoot, 'fixtures', ...parts);
}

/** Of a TIPC mode: the plan that was written first plans these very steps, and the files that they made are what they were. */
async function checkSteps(folder: string, { tipc }: Result): Promise<Findings> {
  if (tipc === undefined) return { faults: [], unchecked: [] };
  const faults: string[] = [];
  const unchecked: string[] = [];
  const plan = await readText(join(folder, 'plan.json'));
  if (plan === null) faults.push('plan.json is missing; the run wrote one before its first step');
  else if (plannedIn(plan) !== tipc.planned.join()) faults.push('plan.json plans other steps than result.json');
  const artefacts = tipc.steps.flatMap((step) => step.artefacts);
  const others: string[] = [];
  // Paths are from where it was started; a run that does not say is looked at from here.
  const start = tipc.startFolder === undefined ? '' : join(folder, tipc.startFolder);
  for (const { path, sha256 } of artefacts) if ((await hashOrNull(resolve(start, path))) !== sha256) others.push(path);
  if (others.length > 0)
    unchecked.push(
      `${others.length} of ${artefacts.length} files that the steps made are not ${start === '' ? 'there' : `in ${relative('', start) || 'this folder'}`} as they were (${others[0]}, …)`,
    );
  return { faults, unchecked };
}

/** Null for what is no plan. */
function plannedIn(text: string): string | null {
  try {
    const plan: unknown = JSON.parse(text);
    return typeof plan === 'object' && plan !== null && 'planned' in plan ? String(plan.planned) : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
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
