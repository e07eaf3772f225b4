import { type CaseResult, culpritOf, type Measurement, titleOf } from '../../result/record/case-result.js';
import type { BaselineFinding, Result } from '../../result/record/result.js';
import type { StepResult } from '../../result/record/tipc-run.js';
import { oneLine } from '../../support/one-line.js';
import { explainFault } from '../explain.js';
import { explainWaived } from '../explain-waivers.js';
import type { Reporter } from '../reporter.js';
import { kindOf } from '../summarise-case.js';

/** GitHub shows ten annotations of a step and drops the others unseen. */
const mostAnnotations = 10;

/**
 * Workflow commands that GitHub shows as annotations: layers at fault first, those that inherit never. Where there are
 * more than ten, the tenth says how many. A run that passes has none.
 */
export function renderAnnotations(result: Result, { file = null, first = [] }: AnnotationOptions = {}): string {
  const all = [...first, ...annotationsOf(result)];
  const shown = all.length > mostAnnotations ? all.slice(0, mostAnnotations - 1) : all;
  const left = all.length - shown.length;
  const more: Annotation[] =
    left === 0
      ? []
      : [{ level: 'error', title: 'tipcheck', text: `${left} more are not shown here; the report has all of them` }];
  return [...shown, ...more].map((annotation) => renderAnnotation(annotation, file)).join('');
}

export interface AnnotationOptions {
  /** The path that they are shown at, from the repository's root; null for none. */
  readonly file?: string | null;
  /** What goes before the run's own. */
  readonly first?: readonly Annotation[];
}

/** What a workflow command shows. */
export interface Annotation {
  readonly level: 'error' | 'warning';
  readonly title: string;
  readonly text: string;
}

export function renderAnnotation({ level, title, text }: Annotation, file: string | null = null): string {
  const place = file === null ? '' : `file=${escapeProperty(file)},`;
  return `::${level} ${place}title=${escapeProperty(title)}::${escapeData(text)}\n`;
}

export const reporter: Reporter = {
  since: '0.1.0',
  fileName: 'annotations.txt',
  render: (result) => renderAnnotations(result),
};

function annotationsOf(result: Result): Annotation[] {
  const { cases, tipc, waivers = [], baseline, verdict, summary } = result;
  const failing = cases.filter((found) => found.verdict !== 'pass' && found.verdict !== 'waived');
  const layers = (kinds: readonly string[]) =>
    failing.flatMap((found) =>
      found.measurements.filter((one) => kinds.includes(kindOf(one))).map((one) => annotateLayer(found, one)),
    );
  const found = [
    ...layers(['faulty']),
    ...failing.filter(isWithoutLayer).map(annotateCase),
    ...layers(['missing', 'suspect']),
    ...(tipc?.steps ?? []).filter((step) => step.verdict !== 'pass').map(annotateStep),
    ...(baseline?.findings ?? []).map(annotateFinding),
    ...waivers
      .filter(({ state }) => state === 'stale' || state === 'expired')
      .map(({ state, note }) => error(`waiver is ${state}`, note!)),
  ];
  const whole =
    found.length === 0 && verdict !== 'pass' && verdict !== 'waived' ? [error(`tipcheck: ${verdict}`, summary)] : [];
  return [...found, ...whole, ...cases.filter(({ verdict }) => verdict === 'waived').map(annotateWaived)];
}

/** It crashed, did not run, compared nothing; or all that fails in it inherits, which the layers would not say. */
function isWithoutLayer({ measurements }: CaseResult): boolean {
  return !measurements.some((one) => ['faulty', 'missing', 'suspect'].includes(kindOf(one)));
}

function annotateLayer(found: CaseResult, measurement: Measurement): Annotation {
  const fault = measurement.name === culpritOf(found) ? explainFault(found) : null;
  const what = measurement.own?.verdict === 'fail' ? `on its own, ${measurement.own.reason}` : measurement.reason;
  const parts =
    fault === null ? [what ?? kindOf(measurement)] : [`${fault.title}: ${fault.found}`, fault.worst, fault.hint];
  return error(`${titleOf(found)}: ${measurement.name}`, parts.filter((part) => part !== null).join('; '));
}

function annotateCase(found: CaseResult): Annotation {
  const text = found.reason ?? explainFault(found)?.found ?? found.verdict;
  const annotation = error(`${titleOf(found)}: ${found.verdict === 'not-run' ? 'not run' : found.verdict}`, text);
  return found.verdict === 'not-run' ? { ...annotation, level: 'warning' } : annotation;
}

function annotateStep({ id, verdict, reason }: StepResult): Annotation {
  const annotation = error(`${id}: ${verdict === 'not-run' ? 'not run' : verdict}`, reason ?? verdict);
  return verdict === 'not-run' ? { ...annotation, level: 'warning' } : annotation;
}

/** What became worse than in the baseline fails, even within its limits. */
function annotateFinding({ case: id, probe, what, reason }: BaselineFinding): Annotation {
  const annotation = error(`${id}${probe === null ? '' : `: ${probe}`}: ${what}`, reason);
  return what === 'inconclusive' ? { ...annotation, level: 'warning' } : annotation;
}

function annotateWaived(found: CaseResult): Annotation {
  return { level: 'warning', title: `${titleOf(found)}: waived`, text: explainWaived(found).join('; ') };
}

function error(title: string, text: string): Annotation {
  return { level: 'error', title, text };
}

/** As the runner reads them back: `%` first. Control characters and line ends are taken out before. */
function escapeData(text: string): string {
  return oneLine(text).replaceAll('%', '%25');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
