import { keyOfWaiver, type Waiver } from '../config/waivers.js';
import type { CaseResult, Measurement } from '../result/record/case-result.js';
import type { WaiverUse } from '../result/record/result.js';
import { globPattern } from '../support/glob.js';
import { renderCount } from '../support/render-count.js';
import { isExpired, isNamed, isOfCase } from './waive.js';

export interface WaiverScope {
  /** `2026-11-27`, UTC. */
  readonly today: string;
  /** Only some of the probes were asked for. */
  readonly partial: boolean;
  /** Names that a waiver may have beside those of the run: a file may serve several runs of a matrix. */
  readonly knownPorts: readonly string[];
  readonly knownBundles: readonly string[];
}

/**
 * What became of each waiver in a run. A waiver that is over, or that finds nothing to waive, fails the run: it is no
 * longer true, and it would hide the next failure.
 */
export function reviewWaivers(
  cases: readonly CaseResult[],
  waivers: readonly Waiver[],
  scope: WaiverScope,
): WaiverUse[] {
  return waivers.map((waiver) => {
    const { port, bundle, probe, failure, because, link, until, source } = waiver;
    const caution = cautionOf(cases, waiver, scope);
    return {
      ...{ port, bundle, probe, failure, because, link, until, source },
      ...reviewWaiver(cases, waiver, scope),
      ...(caution !== null && { caution }),
    };
  });
}

/** The waivers that fail a run, and why. */
export function faultsOfWaivers(waivers: readonly WaiverUse[] | undefined): string[] {
  return (waivers ?? []).filter(({ state }) => state === 'stale' || state === 'expired').map(({ note }) => note!);
}

/** Waivers that waive more, or for longer, than they should. They do not fail the run; its headline names them. */
export function cautionsOfWaivers(waivers: readonly WaiverUse[] | undefined): string[] {
  return (waivers ?? []).flatMap(({ caution }) => caution ?? []);
}

/**
 * The waivers of several runs, each once, with the gravest outcome. A waiver that belongs to no case of any run matches
 * nothing and is stale.
 */
export function joinWaivers(runs: readonly (readonly WaiverUse[])[]): WaiverUse[] {
  const byKey = new Map<string, WaiverUse[]>();
  for (const use of runs.flat()) byKey.set(keyOfWaiver(use), [...(byKey.get(keyOfWaiver(use)) ?? []), use]);
  return [...byKey.values()].map((uses) => {
    const gravest = byGravity.flatMap((state) => uses.filter((use) => use.state === state))[0]!;
    const matched = sum(uses.map((use) => use.matched));
    const caution = uses.find((use) => use.caution !== undefined)?.caution;
    const joined = { ...gravest, matched, ...(caution !== undefined && { caution }) };
    if (gravest.state !== 'elsewhere') return joined;
    return {
      ...joined,
      state: 'stale',
      note: `${gravest.note}, nor of any other that was merged. ${remove}`,
    };
  });
}

const byGravity: readonly WaiverUse['state'][] = ['expired', 'stale', 'used', 'unseen', 'elsewhere'];

/**
 * The headline names a waiver that ends later than in so many days. (A known fault is looked at again within a quarter
 * of a year.)
 */
const longestDays = 90;

function cautionOf(cases: readonly CaseResult[], waiver: Waiver, { today }: WaiverScope): string | null {
  const own = cases.filter((found) => isOfCase(waiver, found));
  if (own.length === 0) return null;
  const isOfAll =
    waiver.probe !== null &&
    /[*?]/.test(waiver.probe) &&
    own.some(({ measurements }) => measurements.length > 0 && measurements.every((one) => matchesGlob(waiver, one)));
  const days = waiver.until === null ? 0 : Math.round((Date.parse(waiver.until) - Date.parse(today)) / dayMs);
  const faults = [
    ...(isOfAll ? ['matches every probe'] : []),
    ...(days > longestDays ? [`ends only in ${days} days, on ${waiver.until}`] : []),
  ];
  return faults.length === 0 ? null : `${nameOf(waiver)} ${faults.join(' and ')}`;
}

const dayMs = 86_400_000;

type Review = Pick<WaiverUse, 'state' | 'matched' | 'note'>;

function reviewWaiver(cases: readonly CaseResult[], waiver: Waiver, scope: WaiverScope): Review {
  const own = cases.filter((found) => isOfCase(waiver, found));
  const name = nameOf(waiver);
  if (isExpired(waiver, scope.today))
    return unmatched(
      'expired',
      `${name} ran out on ${waiver.until}. Fix: mend the port, or look again and write a new day`,
    );
  if (own.length === 0) return reviewElsewhere(cases, waiver, name, scope);
  return waiver.failure === 'crashed' ? reviewCrash(own, name) : reviewProbes(own, waiver, name, scope);
}

function reviewElsewhere(
  cases: readonly CaseResult[],
  { port, bundle }: Waiver,
  name: string,
  scope: WaiverScope,
): Review {
  const knowsPort = scope.knownPorts.includes(port) || cases.some((found) => found.port === port);
  const knowsBundle = scope.knownBundles.includes(bundle) || cases.some((found) => found.bundle === bundle);
  if (knowsPort && knowsBundle) return unmatched('elsewhere', `${name} is of no case of this run`);
  const stray = knowsPort ? `no bundle is called ${bundle}` : `no port is called ${port}`;
  return unmatched('stale', `${name} matches nothing: ${stray}. Fix: write its name as the command line has it`);
}

function reviewCrash(own: readonly CaseResult[], name: string): Review {
  const matched = own.filter(({ waived }) => waived !== undefined).length;
  if (matched > 0) return { state: 'used', matched, note: null };
  return unmatched('stale', `${name} is stale: the port did not crash. ${remove}`);
}

function reviewProbes(own: readonly CaseResult[], waiver: Waiver, name: string, { partial }: WaiverScope): Review {
  const named = own.flatMap((found) => found.measurements.filter((one) => matchesGlob(waiver, one)));
  const matched = sum(own.map((found) => found.measurements.filter((one) => isNamed(waiver, found, one)).length));
  if (matched > 0) return { state: 'used', matched, note: null };
  if (own.some(({ measurements }) => measurements.length === 0))
    return unmatched('unseen', `${name} could not be looked at: its case did not run`);
  if (named.length === 0 && partial) return unmatched('unseen', `${name} is of no probe that was asked for`);
  if (named.length === 0)
    return unmatched(
      'stale',
      `${name} matches none of the ${renderCount(own[0]!.measurements.length, 'probe')}. ${remove}`,
    );
  const failing = named.find(({ verdict }) => verdict === 'fail' || verdict === 'missing');
  if (failing === undefined) return unmatched('stale', `${name} is stale: what it names agrees. ${remove}`);
  return unmatched(
    'stale',
    `${name} is stale: ${failing.name} fails in another way (${failing.reason ?? failing.verdict}). ${remove}`,
  );
}

const remove = 'Fix: remove it';

function matchesGlob({ probe }: Waiver, { name }: Measurement): boolean {
  return probe !== null && globPattern(probe).test(name);
}

function nameOf({ port, bundle, probe, failure, source }: Waiver): string {
  const what = failure === 'crashed' ? 'a crash' : `${probe}${failure === 'disagrees' ? '' : ` (${failure})`}`;
  return `the waiver of ${port} on ${bundle}, ${what}, in ${source}`;
}

function unmatched(state: WaiverUse['state'], note: string): Review {
  return { state, matched: 0, note };
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
