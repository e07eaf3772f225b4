import { createHash } from 'node:crypto';
import type { Bundle } from '../golden/bundle.js';
import {
  type CaseResult,
  isUnsteady,
  isWithin,
  type Measured,
  type Measurement,
} from '../result/record/case-result.js';
import type { WaiverUse } from '../result/record/result.js';
import type { Excuse } from '../result/record/verdict.js';
import { cannot } from '../support/errors.js';
import { failureOf } from './failure-kind.js';
import { readSoundRun } from './read-run.js';
import { isFailing, settleWaived } from './waive.js';

/** A recorded run of a clean file in an engine: what it shows of the engine hides no new fault. */
export interface EngineBaseline {
  readonly path: string;
  /** Of its result.json. */
  readonly sha256: string;
  /** Of each bundle, by its id. */
  readonly outputs: ReadonlyMap<string, readonly string[]>;
  readonly cases: readonly CaseResult[];
}

/** What is over its limit fails only above this multiple of what the engine showed on a clean file. */
const factor = 2;

/** Before anything runs. Throws a UserError for what is not a run, and for one of other bundles. */
export async function readEngineBaseline(run: string, bundles: readonly Bundle[]): Promise<EngineBaseline> {
  const { path, text, result } = await readSoundRun(run, 'hold an engine against');
  for (const { id, caseSha256, precision = 'float32' } of bundles) {
    const before = result.cases.find(({ bundle }) => bundle === id);
    if (before === undefined || before.goldens.caseSha256 !== caseSha256)
      throw cannot(
        'hold an engine against',
        path,
        before === undefined ? `it has no ${id}` : `its ${id} had other goldens`,
        'a run of the same bundles is wanted',
        'record it anew with --report',
      );
    if (before.measurements.some(({ waived }) => waived !== undefined))
      throw cannot(
        'hold an engine against',
        path,
        `failures of its ${id} were let through`,
        'a run without waivers and without a baseline is wanted, since what it let through would count as known',
        'record it anew with --report',
      );
    const { precision: was = 'float32' } = before.goldens;
    if (was === precision) continue;
    const is = `its ${id} was judged by the noise of ${was}`;
    throw cannot('hold an engine against', path, is, `that of ${precision} is wanted`, 'record it anew with --report');
  }
  const outputs = new Map(bundles.map(({ id, outputs }) => [id, outputs]));
  return { path, sha256: createHash('sha256').update(text).digest('hex'), outputs, cases: result.cases };
}

/**
 * Excuses the failures of a case that are no more than twice what the same engine showed in its baseline.
 * @throws UserError if that was of another engine, version or precision, or in a lesser precision than was asked for
 */
export function excuseByEngine(found: CaseResult, baseline: EngineBaseline): CaseResult {
  const before = baseline.cases.find(({ bundle }) => bundle === found.bundle);
  // A run that did not come so far says why itself.
  if (before === undefined || found.engine === null) return found;
  const [is, was] = [found, before].map(({ engine }) => describe(engine));
  if (is !== was)
    throw cannot(
      'hold an engine against',
      baseline.path,
      `it is of ${was}, and this run is of ${is}`,
      'a run of the same engine, version and precision is wanted',
      'record it anew with --report',
    );
  const { precision, asked } = found.engine.details;
  if (precision !== asked)
    throw cannot(
      'hold an engine against',
      baseline.path,
      `it computes in ${precision}, and ${asked} was asked for`,
      'an engine in the precision that is judged is wanted, since all that a lesser one shows would be excused',
    );
  if (found.verdict !== 'fail') return found;
  const known = new Map(before.measurements.map((one) => [one.name, one]));
  const excuse = excuseOf(baseline);
  const outputs = baseline.outputs.get(found.bundle) ?? [];
  const measurements = found.measurements.map((one) =>
    isExcused({ found, before, outputs }, one, known.get(one.name)) ? { ...one, waived: excuse } : one,
  );
  return settleWaived(found, measurements);
}

/** How many failures of each case the baseline excused, as runs say it of waivers. */
export function reviewEngineBaseline(cases: readonly CaseResult[], baseline: EngineBaseline): WaiverUse[] {
  const { because, link, until } = excuseOf(baseline);
  return cases.flatMap(({ port, bundle, measurements }) => {
    const matched = measurements.filter(({ waived }) => waived?.because === because).length;
    const what = { port, bundle, probe: '*', failure: 'disagrees', because, link, until, source: baseline.path };
    return matched === 0 ? [] : [{ ...what, state: 'used' as const, matched, note: null }];
  });
}

function excuseOf({ path, sha256 }: EngineBaseline): Excuse {
  const because = `the engine errs by half as much or more in its baseline ${path}, sha256 ${sha256}`;
  return { because, link: null, until: null, inheritsFrom: null };
}

function describe(engine: CaseResult['engine']): string {
  return engine === null ? 'no engine' : `${engine.engine} ${engine.version} on ${engine.device}, ${engine.provider}`;
}

interface Held {
  readonly found: CaseResult;
  readonly before: CaseResult;
  readonly outputs: readonly string[];
}

/** At least one figure must be over its limit, and each that is must be known: what was not kept is not excused. */
function isExcused({ found, before, outputs }: Held, one: Measurement, known: Measurement | undefined): boolean {
  if (known === undefined || !isFailing(one) || isUnsteady(one) || failureOf(found, one) !== 'disagrees') return false;
  const { shipped } = found;
  const isShipped = shipped?.logits.name === one.name;
  if (isShipped && isUnsteady(shipped.logits)) return false;
  // Of several outputs the figures of one alone are kept.
  if (!isShipped && shipped !== null && outputs.includes(one.name)) return false;
  // A fault may show in its own error alone, and that was lost.
  if (known.own !== null && one.own === null) return false;
  const was = before.shipped?.logits.name === one.name ? before.shipped : null;
  const pairs: (readonly [Measured, Measured | null | undefined])[] = [
    [one, known],
    ...(one.own === null ? [] : [[one.own, known.own] as const]),
    ...(isShipped ? [[shipped, was] as const, [shipped.logits, was?.logits] as const] : []),
  ];
  return pairs.some(([measured]) => !isWithin(measured)) && pairs.every(([measured, was]) => isNoWorse(measured, was));
}

/** Each figure is within its limit, or at most twice what it was. */
function isNoWorse(measured: Measured, was: Measured | null | undefined): boolean {
  return measured.figures.every(({ name, value, limit }) => {
    if (limit === null || (value !== null && value <= limit)) return true;
    const recorded = was?.figures.find((figure) => figure.name === name)?.value ?? null;
    return value !== null && recorded !== null && value <= factor * recorded;
  });
}
