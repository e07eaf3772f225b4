import type { Waiver } from '../config/waivers.js';
import { findFault } from '../result/find-fault.js';
import { blameOf, type CaseResult, isWithin, type Measurement } from '../result/record/case-result.js';
import type { Excuse, Verdict } from '../result/record/verdict.js';
import { globPattern } from '../support/glob.js';
import { failureOf } from './failure-kind.js';
import { findTooFew } from './find-probes.js';
import { findFirstFault } from './localise.js';
import { findFailingSize } from './try-sizes.js';

/**
 * Marks the failures of a case that waivers name. If all are waived, the case is `waived`; else it fails by the first
 * that is not. A probe that only inherits from a waived one is waived with it. So a waiver names one layer, and the
 * others are still judged by their own errors.
 * @param today `2026-11-27`, UTC; a waiver whose last day is over waives nothing
 */
export function waiveCase(found: CaseResult, waivers: readonly Waiver[], today: string): CaseResult {
  const own = waivers.filter((waiver) => isOfCase(waiver, found) && !isExpired(waiver, today));
  if (own.length === 0) return found;
  if (found.verdict === 'error') return waiveCrash(found, own);
  if (found.verdict !== 'fail') return found;
  return settleWaived(found, waiveInherited(found, waiveNamed(found, own)));
}

/** A case of whose failures some are marked as let through. */
export function settleWaived(found: CaseResult, measurements: readonly Measurement[]): CaseResult {
  if (!measurements.some(({ waived }) => waived !== undefined)) return found;
  const open = measurements.filter((one) => isFailing(one) && one.waived === undefined);
  // A case that fails without a failing probe (nothing was compared, or too little, or at a size) cannot be waived.
  const other = findTooFew(measurements) ?? findFailingSize(found.sizes);
  if (open.length === 0 && found.reason === null && other === null)
    return { ...found, measurements, ...afterWaiving(found) };
  const reason = found.reason ?? (open.length === 0 ? other : null);
  return { ...found, measurements, reason, ...findFirstFault(open), fault: findFault(open) };
}

export function isOfCase({ port, bundle }: Waiver, found: Pick<CaseResult, 'port' | 'bundle'>): boolean {
  return port === found.port && bundle === found.bundle;
}

export function isExpired({ until }: Pick<Waiver, 'until'>, today: string): boolean {
  return until !== null && until < today;
}

/** Whether a waiver names this very failure. */
export function isNamed({ probe, failure }: Waiver, found: CaseResult, measurement: Measurement): boolean {
  return probe !== null && globPattern(probe).test(measurement.name) && failureOf(found, measurement) === failure;
}

export function isFailing({ verdict, own }: Measurement): boolean {
  return verdict === 'fail' || verdict === 'missing' || own?.verdict === 'fail';
}

function waiveCrash(found: CaseResult, waivers: readonly Waiver[]): CaseResult {
  const waiver = waivers.find(({ failure }) => failure === 'crashed');
  return waiver === undefined ? found : { ...found, verdict: 'waived', waived: excuseOf(waiver) };
}

function waiveNamed(found: CaseResult, waivers: readonly Waiver[]): Measurement[] {
  return found.measurements.map((measurement) => {
    const waiver = waivers.find((one) => isNamed(one, found, measurement));
    return waiver === undefined ? measurement : { ...measurement, waived: excuseOf(waiver) };
  });
}

function waiveInherited(found: CaseResult, measurements: readonly Measurement[]): Measurement[] {
  let root: Measurement | null = null;
  return measurements.map((measurement) => {
    if (measurement.waived !== undefined) {
      if (measurement.verdict !== 'missing') root ??= measurement;
      return measurement;
    }
    if (root?.waived === undefined || !inheritsOnly(found, measurement)) return measurement;
    return { ...measurement, waived: { ...root.waived, inheritsFrom: root.name } };
  });
}

/** Its own error passes and its accumulated one is finite and too large: nothing else is wrong with it. */
function inheritsOnly(found: CaseResult, measurement: Measurement): boolean {
  if (blameOf(measurement) !== 'inherits' || failureOf(found, measurement) !== 'disagrees') return false;
  return !isWithin(measurement);
}

/** A mode that is inconclusive stays `not-run`, whatever is waived beside it. */
function afterWaiving({ evaluation }: CaseResult): { readonly verdict: Verdict; readonly reason: string | null } {
  const unrun = evaluation?.modes.find(({ verdict }) => verdict === 'not-run');
  return unrun === undefined ? { verdict: 'waived', reason: null } : { verdict: 'not-run', reason: unrun.reason };
}

function excuseOf({ because, link, until }: Waiver): Excuse {
  return { because, link, until, inheritsFrom: null };
}
