import { stringify } from 'yaml';
import {
  type CaseResult,
  inPrecision,
  largestTimesNoise,
  type Measurement,
  type OwnError,
  timesNoise,
  type WorstPlace,
} from '../../result/record/case-result.js';
import type { Result } from '../../result/record/result.js';
import type { StepResult, TipcRun } from '../../result/record/tipc-run.js';
import { renderCount } from '../../support/figures.js';
import { oneLine } from '../../support/one-line.js';
import { explainExcuse, explainWaived } from '../explain-waivers.js';
import type { Reporter } from '../reporter.js';
import { kindOf } from '../summarise-case.js';

/**
 * TAP 14: a subtest per port and bundle, a test point per probe, figures as YAML diagnostics where one fails. The last
 * point is the run's own verdict: what is not green for another reason is not green here either.
 */
export function renderTap(result: Result): string {
  const points = [
    ...result.cases.map(casePoint),
    ...stepPoints(result.tipc),
    ...waiverPoints(result),
    runPoint(result),
  ];
  return `TAP version 14\n${renderPoints(points, '')}`;
}

export const reporter: Reporter = { since: '0.1.0', fileName: 'results.tap', render: renderTap };

interface Point {
  readonly ok: boolean;
  readonly description: string;
  readonly skip?: string;
  /** A failure that is known: TAP's TODO, which fails no run. */
  readonly todo?: string;
  readonly diagnostic?: object;
  readonly subtest?: readonly Point[];
}

function casePoint(found: CaseResult): Point {
  const { id, verdict, reason, firstFault, firstFaultBy, fault } = found;
  if (verdict === 'not-run') return { ok: true, description: id, skip: `not run: ${reason ?? 'no reason given'}` };
  const subtest = found.measurements.map(probePoint);
  const diagnostic = {
    verdict,
    reason,
    firstFault,
    firstFaultBy,
    ...(fault !== null && { fault: `${fault.kind} ${fault.name}` }),
  };
  const todo = verdict === 'waived' ? { todo: explainWaived(found).join('; ') } : {};
  return {
    ...todo,
    ok: verdict === 'pass',
    description: `${id}${inPrecision(found.goldens)}`,
    ...(subtest.length === 0 ? {} : { subtest }),
    ...(verdict === 'pass' ? {} : { diagnostic }),
  };
}

/** A subtest per port, a point per step of a TIPC mode. */
function stepPoints(tipc: TipcRun | undefined): Point[] {
  if (tipc === undefined) return [];
  const { model, mode, steps } = tipc;
  return [...new Set(steps.map(({ port }) => port))].map((port) => {
    const subtest = steps.filter((step) => step.port === port).map(stepPoint);
    return { ok: subtest.every(({ ok }) => ok), description: `${port}/${model}/${mode}`, subtest };
  });
}

function stepPoint({ id, verdict, reason, ran, log, checks }: StepResult): Point {
  if (verdict === 'not-run') return { ok: true, description: id, skip: `not run: ${reason ?? 'no reason given'}` };
  if (verdict === 'pass') return { ok: true, description: id };
  const failed = checks.filter((one) => one.verdict === 'fail').map(({ name, found }) => `${name}: ${found}`);
  return { ok: false, description: id, diagnostic: { verdict, reason, ran, log, failed } };
}

function probePoint(measurement: Measurement): Point {
  const { name, verdict, reason, own, worst, waived } = measurement;
  const kind = kindOf(measurement);
  if (kind === 'agrees') return { ok: true, description: name };
  if (kind === 'uninformative') return { ok: true, description: name, skip: 'not informative' };
  const diagnostic = {
    blame: kind,
    verdict,
    reason,
    noiseRatio: timesNoise(measurement),
    maxRatio: largestTimesNoise(measurement),
    own: own === null ? null : describeOwn(own),
    worst: worst === null ? null : orderWorst(worst),
  };
  return { ok: false, description: name, ...(waived && { todo: explainExcuse('', waived) }), diagnostic };
}

function waiverPoints({ waivers = [] }: Result): Point[] {
  return waivers.map(({ port, bundle, probe, state, matched, note }) => {
    const description = `waiver of ${port} on ${bundle}, ${probe ?? 'a crash'}`;
    if (state === 'stale' || state === 'expired') return { ok: false, description, diagnostic: { state, note } };
    return { ok: true, description, skip: note ?? `${renderCount(matched, 'failure')} waived` };
  });
}

/** Keys in one order, so that a result that was stored and read again gives the same text. */
function describeOwn(own: OwnError) {
  const { relRms, maxOverRms, verdict, reason } = own;
  return { relRms, maxOverRms, noiseRatio: timesNoise(own), maxRatio: largestTimesNoise(own), verdict, reason };
}

function orderWorst({ index, actual, expected }: WorstPlace): WorstPlace {
  return { index, actual, expected };
}

function runPoint({ verdict, summary }: Result): Point {
  return {
    ok: verdict === 'pass',
    description: 'the run as a whole',
    ...(verdict === 'waived' ? { todo: 'every failure is waived' } : {}),
    ...(verdict === 'pass' ? {} : { diagnostic: { verdict, summary } }),
  };
}

function renderPoints(points: readonly Point[], indent: string): string {
  const lines = points.map((point, i) => renderPoint(point, i + 1, indent));
  return `${indent}1..${points.length}\n${lines.join('')}`;
}

function renderPoint(
  { ok, description, skip, todo, diagnostic, subtest }: Point,
  number: number,
  indent: string,
): string {
  const name = escapeTap(description);
  const before = subtest === undefined ? '' : `${indent}# Subtest: ${name}\n${renderPoints(subtest, `${indent}    `)}`;
  const directive =
    skip !== undefined ? ` # SKIP ${escapeTap(skip)}` : todo !== undefined ? ` # TODO ${escapeTap(todo)}` : '';
  const after = diagnostic === undefined ? '' : renderDiagnostic(diagnostic, `${indent}  `);
  return `${before}${indent}${ok ? 'ok' : 'not ok'} ${number} - ${name}${directive}\n${after}`;
}

function renderDiagnostic(diagnostic: object, indent: string): string {
  const lines = stringify(diagnostic, { lineWidth: 0 }).trimEnd().split('\n');
  return `${[`---`, ...lines, `...`].map((line) => `${indent}${line}\n`).join('')}`;
}

/** TAP 14: `\` and `#` are escaped in descriptions; a line ends a test point. */
function escapeTap(text: string): string {
  return oneLine(text).replace(/[\\#]/g, '\\$&');
}
