import { goldensId } from '../golden/list-shipped.js';
import { kinds, limitsId } from '../kinds/index.js';
import { classIou, confusionOf } from '../metrics/confusion.js';
import { findFault } from '../result/find-fault.js';
import type { CaseResult, Measurement, ModeMetrics, ModeResult } from '../result/record/case-result.js';
import type { BaselineResult, Result } from '../result/record/result.js';
import { packageVersion } from '../support/package-root.js';
import { findFailingParts, findMiscount, findOtherVerdict } from './find-headline-faults.js';
import { findModeFaults } from './find-mode-faults.js';
import { findOverLimits } from './find-over-limits.js';
import { findTooFew } from './find-probes.js';
import { findStepContradictions } from './find-step-contradictions.js';
import { findWaiverFaults } from './find-waiver-faults.js';
import { verdictOfFindings } from './judge-baseline.js';

/**
 * Where a stored result contradicts itself: a verdict that does not follow from what was measured, a limit that was
 * ignored, a case that is there twice. Each is a sentence that names its case. If there are none, the verdicts follow
 * from the figures.
 */
export function findContradictions(result: Result): string[] {
  const { cases, baseline, tipc } = result;
  const rules = [...findOtherRules(result), ...findOtherPrecision(result)];
  if (tipc !== undefined) return [...rules, ...findStepContradictions(result, tipc), ...findMiscount(result)];
  const ids = cases.map(({ id }) => id);
  const twice = ids.filter((id, at) => ids.indexOf(id) !== at);
  return [
    ...rules,
    ...findOtherVerdict(result),
    ...findMiscount(result),
    ...(baseline === undefined ? [] : findInBaseline(baseline)),
    ...[...new Set(twice)].map(
      (id) => `${id} is there ${ids.filter((other) => other === id).length} times; once is wanted`,
    ),
    ...cases.flatMap((found) =>
      [...findInCase(found, result), ...findWaiverFaults(found, result)].map((text) => `${found.id}: ${text}`),
    ),
  ];
}

/** Each version has one set of limits and one of goldens; a run does not choose. */
function findOtherRules({ tipcheckVersion, ...run }: Result): string[] {
  if (tipcheckVersion !== packageVersion) return [];
  return Object.entries({ limits: limitsId, goldens: goldensId }).flatMap(([name, wanted]) => {
    const found = run[name as 'limits' | 'goldens'];
    return found === wanted ? [] : [`it names ${found}; ${wanted} of tipcheck ${packageVersion} is wanted`];
  });
}

/** Suites are judged by the noise of float32: another's would widen their limits. */
export function findOtherPrecision({ suite, cases }: Result): string[] {
  const other = suite === null ? undefined : cases.find(({ goldens }) => goldens.precision !== undefined);
  if (other === undefined) return [];
  return [`${other.id} of suite ${suite} was judged by the noise of ${other.goldens.precision}; float32's is wanted`];
}

function findInBaseline({ verdict, compared, findings }: BaselineResult): string[] {
  const wanted = verdictOfFindings(findings);
  if (verdict !== wanted) return [`beside its baseline it is ${verdict}; of the findings it is ${wanted}`];
  return verdict === 'pass' && compared === 0 ? ['it passes beside its baseline, and nothing was compared'] : [];
}

function findInCase(found: CaseResult, result: Result): string[] {
  const { id, port, bundle, verdict, reason, engine, measurements, evaluation } = found;
  const faults: string[] = [];
  const name = `${port}/${bundle}`;
  // A bundle that a run was given twice is `…#2` there.
  if (id !== name && !(id.startsWith(`${name}#`) && /^[1-9]\d*$/.test(id.slice(name.length + 1))))
    faults.push(`it is of port ${port} and bundle ${bundle}, which is another case`);
  for (const [at, { name }] of measurements.entries())
    if (measurements.findIndex((other) => other.name === name) !== at) faults.push(`${name} is there twice`);
  faults.push(...findOverLimits(found, result));
  faults.push(...findInFault(found));
  faults.push(...findModeFaults(found, result));
  faults.push(
    ...(evaluation?.modes ?? []).flatMap((mode) => findInMode(mode).map((text) => `mode ${mode.name}, ${text}`)),
  );
  if (verdict !== 'pass') return faults;
  if (reason !== null) faults.push(`it passes, with the reason ${reason}`);
  if (engine === null) faults.push('it passes, and nothing says which engine ran');
  const told = measurements.filter(tells).length;
  if (told + (evaluation?.modes.length ?? 0) === 0) faults.push('it passes, and nothing was compared');
  const few = findTooFew(measurements);
  if (few !== null) faults.push(`it passes, and ${few}`);
  return [...faults, ...findFailingParts(found)];
}

/** The likely cause follows from the verdicts. Versions that did not say it have none. */
function findInFault({ verdict, measurements, fault }: CaseResult): string[] {
  if (verdict === 'waived') return [];
  const open = measurements.filter(({ waived }) => waived === undefined);
  const derived = findFault(open);
  const [said, wanted] = [fault, derived].map((one) => (one === null ? 'none' : `${one.kind} ${one.name}`));
  return said === wanted ? [] : [`its likely cause is ${said}; of its probes it is ${wanted}`];
}

/** Learning rates alone say nothing of a training (CONTRACT, section 3, "Not informative either"). */
function tells({ kind, verdict, compared }: Measurement): boolean {
  return verdict !== 'uninformative' && compared > 0 && (kinds.get(kind)?.tells ?? false);
}

function findInMode({ verdict, pixels, changed, unexplained, actual, expected, equivalence }: ModeResult): string[] {
  const faults = [...findInMetrics(actual, 'actual'), ...findInMetrics(expected, 'expected')];
  const [ours, theirs] = [actual, expected].map(({ confusion }) => confusion.map((row) => sum(row)).join(' '));
  if (ours !== theirs) faults.push('actual and expected count other labels');
  if (changed > pixels || unexplained > changed)
    faults.push(`${unexplained} unexplained of ${changed} changed of ${pixels} pixels`);
  if (verdict !== 'pass') return faults;
  if (unexplained > 0) faults.push(`it passes with ${unexplained} unexplained pixels`);
  if (equivalence.verdict !== 'equivalent') faults.push(`it passes, and the mIoUs are ${equivalence.verdict}`);
  return faults;
}

/** A share that is counted again from whole numbers is the same to the last digits. */
const shareTolerance = 1e-9;

function findInMetrics({ classIou: stated, confusion }: ModeMetrics, which: string): string[] {
  const counted = classIou(confusionOf(confusion));
  const differs = counted.findIndex((iou, at) => {
    const other = stated[at] ?? null;
    return iou === null || other === null ? iou !== other : !(Math.abs(iou - other) <= shareTolerance);
  });
  if (differs < 0) return [];
  return [`${which} IoU of class ${differs} is ${stated[differs]}; of its confusion matrix it is ${counted[differs]}`];
}

function sum(row: readonly number[]): number {
  return row.reduce((total, count) => total + count, 0);
}
