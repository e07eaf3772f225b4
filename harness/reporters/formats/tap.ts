import { stringify } from 'yaml';
import type { CaseResult, Measurement, Result } from '../../result.js';
import { oneLine } from '../one-line.js';
import type { Reporter } from '../reporter.js';
import { kindOf } from '../summarise-case.js';

/**
 * TAP 14: a subtest per port and bundle, a test point per probe, figures as YAML diagnostics where one fails. The last point is
 * the run's own verdict: what is not green for another reason is not green here either.
 */
export function renderTap(result: Result): string {
  const points = [...result.cases.map(casePoint), runPoint(result)];
  return `TAP version 14\n${renderPoints(points, '')}`;
}

export const reporter: Reporter = { fileName: 'results.tap', render: renderTap };

interface Point {
  readonly ok: boolean;
  readonly description: string;
  readonly skip?: string;
  readonly diagnostic?: object;
  readonly subtest?: readonly Point[];
}

function casePoint(found: CaseResult): Point {
  const { id, verdict, reason, firstFault, firstFaultBy } = found;
  if (verdict === 'not-run') return { ok: true, description: id, skip: `not run: ${reason ?? 'no reason given'}` };
  const subtest = found.measurements.map(probePoint);
  const diagnostic = { verdict, reason, firstFault, firstFaultBy };
  return {
    ok: verdict === 'pass',
    description: id,
    ...(subtest.length === 0 ? {} : { subtest }),
    ...(verdict === 'pass' ? {} : { diagnostic }),
  };
}

function probePoint(measurement: Measurement): Point {
  const { name, verdict, reason, noiseRatio, maxRatio, own, worst } = measurement;
  const kind = kindOf(measurement);
  if (kind === 'agrees') return { ok: true, description: name };
  if (kind === 'uninformative') return { ok: true, description: name, skip: 'not informative' };
  const diagnostic = {
    blame: kind,
    verdict,
    reason,
    noiseRatio,
    maxRatio,
    own,
    ...(worst === undefined ? {} : { worst }),
  };
  return { ok: false, description: name, diagnostic };
}

function runPoint({ verdict, summary }: Result): Point {
  return {
    ok: verdict === 'pass',
    description: 'the run as a whole',
    ...(verdict === 'pass' ? {} : { diagnostic: { verdict, summary } }),
  };
}

function renderPoints(points: readonly Point[], indent: string): string {
  const lines = points.map((point, i) => renderPoint(point, i + 1, indent));
  return `${indent}1..${points.length}\n${lines.join('')}`;
}

function renderPoint({ ok, description, skip, diagnostic, subtest }: Point, number: number, indent: string): string {
  const name = escapeTap(description);
  const before = subtest === undefined ? '' : `${indent}# Subtest: ${name}\n${renderPoints(subtest, `${indent}    `)}`;
  const directive = skip === undefined ? '' : ` # SKIP ${escapeTap(skip)}`;
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
