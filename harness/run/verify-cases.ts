import { selectBundles } from '../config/select-bundles.js';
import { findSuite, readSuite } from '../config/suite.js';
import { goldensId, listShippedBundles } from '../golden/list-shipped.js';
import type { Shipped } from '../golden/shipped-goldens.js';
import type { Result } from '../result/record/result.js';
import { groupBy, uniqueOf } from '../support/group.js';
import type { Findings } from './findings.js';
import { isPortNamed, portBeforeMerge } from './port-before-merge.js';

/**
 * What is missing where not every port of the run, and every port that a suite requires, was judged on all that the
 * suite names. Of merged runs of several suites, a port that several of them have counts once: they need not have run
 * the same suites.
 * @param of `ran`: only the ports of the run, as of a part of a matrix; another part may have what a suite requires
 */
export function findDropped(
  { suite, cases, command }: Result,
  shipped: ReadonlyMap<string, Shipped>,
  of: 'ran' | 'required' = 'required',
): string[] {
  if (suite === null) return [];
  const suites = suite.split(', ');
  const ids = new Set(cases.map(({ id }) => id));
  const ran = uniqueOf(cases.map(({ port }) => port));
  const isJudged = (ports: readonly string[], golden: string) =>
    ports.some((port) => ids.has(`${port}/${shipped.get(golden)?.id ?? golden}`));
  const beside = besideSuites(command).flatMap((golden) =>
    ran
      .filter((port) => !isJudged([port], `bundle ${golden}`))
      .map((port) => `${port} on the bundle ${golden} is missing; --also of the command plans it`),
  );
  const planned = suites.flatMap((name) => {
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
    const nameOf = (port: string) => (suites.length === 1 ? port : portBeforeMerge(port, command));
    const ports = groupBy([...ran, ...(of === 'required' ? unrun : [])], nameOf);
    return ports.flatMap((same) =>
      wanted
        .filter((golden) => !isJudged(same, golden))
        .map((golden) => `${same.join(' and ')} on the ${golden} is missing; suite ${name} plans it`),
    );
  });
  return [...planned, ...beside];
}

/** Bundles that `test --also` adds. */
function besideSuites(command: readonly string[]): string[] {
  const words = command.flatMap((word) => (word.startsWith('--also=') ? ['--also', word.slice(7)] : [word]));
  let isBeside = false;
  return words.filter((word) => {
    if (word.startsWith('-')) isBeside = word === '--also';
    return isBeside && word !== '--also';
  });
}

/** Of another set than this package's, one that differs is not a fault: the set says so. */
export function checkGoldens({ cases, goldens: set }: Result, shipped: ReadonlyMap<string, Shipped>): Findings {
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

/** Of goldens, what the port gave is compared and gone. */
export function findUnsupported({ tipc, cases }: Result): string[] {
  if (tipc !== undefined || cases.length === 0) return [];
  return [
    'the figures: nothing but result.json holds them, so that only judging again can tell whether they are right',
  ];
}
