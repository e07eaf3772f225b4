import picocolors from 'picocolors';
import { type CaseResult, type EvaluationResult, timesNoise, titleOf } from '../result/record/case-result.js';
import type { Result } from '../result/record/result.js';
import type { StepResult } from '../result/record/tipc-run.js';
import type { Verdict } from '../result/record/verdict.js';
import { renderCount, renderDuration, renderShape, renderTimes } from '../support/figures.js';
import { oneLine } from '../support/one-line.js';
import {
  explainCounts,
  explainElsewhere,
  explainEngine,
  explainFault,
  explainFormat,
  explainFound,
  explainMeaning,
  explainPlace,
  explainRuns,
  explainSizes,
  whatOneTimesIs,
} from './explain.js';
import { explainMode } from './explain-evaluation.js';
import { explainFigures, explainRow } from './explain-step.js';
import { explainIdleWaivers, explainWaived } from './explain-waivers.js';
import { type CaseSummary, summariseCase } from './summarise-case.js';

export interface ConsoleOptions {
  /** Default: what the terminal and NO_COLOR, FORCE_COLOR say. */
  readonly colour?: boolean;
}

/** One case when it has ended: a line, and for one that does not pass the lines that say where to look. */
export function renderCaseLine(found: CaseResult, options: ConsoleOptions = {}): string {
  const paint = painter(options);
  const head = `${paintVerdict(paint, found.verdict)}  ${paint.bold(oneLine(titleOf(found)))}`;
  if (found.measurements.length === 0)
    return [`${head}  ${oneLine(found.reason ?? 'no reason given')}`, ...waivedLines(found, paint)].join('\n');
  const line = [head, ...caseFigures(found, summariseCase(found))].join('  ');
  return [line, ...(found.verdict === 'pass' ? fileLines(found, paint) : renderDetails(found, paint))].join('\n');
}

/** One step of a TIPC mode when it has ended: a line, and for one that does not pass the lines that say why. */
export function renderStepLine(step: StepResult, options: ConsoleOptions = {}): string {
  const paint = painter(options);
  const { verdict, reason, port, number, kind, durationMs, checks, log } = step;
  const head = `${paintVerdict(paint, verdict)}  ${paint.bold(oneLine(`${port} · ${number} ${kind}`))}  ${oneLine(explainRow(step))}`;
  if (verdict === 'pass') return `${head}  ${oneLine(explainFigures(step))}  ${renderDuration(durationMs)}`;
  const failed = checks.filter((one) => one.verdict === 'fail').slice(1);
  return [
    head,
    renderDetail(paint, 'reason', oneLine(reason ?? 'no reason given')),
    ...failed.map(({ name, found }) => renderDetail(paint, 'and', oneLine(`${name}: ${found}`))),
    ...(log === null ? [] : [renderDetail(paint, 'log', oneLine(log))]),
  ].join('\n');
}

export interface SummaryOptions extends ConsoleOptions {
  /** Where the reports lie; said where given. */
  readonly reportPath?: string;
  /** The reason is printed after it, and so is not said here. */
  readonly reasonFollows?: boolean;
}

/** The end of a run: how many of what, what one noise multiple is, the verdict. */
export function renderSummary(result: Result, options: SummaryOptions = {}): string {
  const paint = painter(options);
  const { verdict, cases, durationMs, partial } = result;
  const all: readonly { readonly verdict: Verdict }[] = [...cases, ...(result.tipc?.steps ?? [])];
  const counts = verdictsInOrder
    .map((kind) => ({ kind, count: all.filter((found) => found.verdict === kind).length }))
    .filter(({ count }) => count > 0)
    .map(({ kind, count }) => `${count} ${kind}`);
  const restricted = partial ? ['only some of the probes were asked for'] : [];
  const figures = [...counts, ...restricted, renderDuration(durationMs)].join(', ');
  const end =
    options.reasonFollows === true
      ? [`${paintVerdict(paint, verdict)}  ${paint.dim(figures)}`]
      : [`${paintVerdict(paint, verdict)}  ${oneLine(summaryOf(result))}`, paint.dim(`      ${figures}`)];
  return [
    '',
    ...(hasFigures(result) ? [paint.dim(`${whatOneTimesIs(result)}.`)] : []),
    ...end,
    ...explainIdleWaivers(result).map(({ state, note }) => `      ${paint.yellow(state)}  ${oneLine(note)}`),
    ...(options.reportPath === undefined ? [] : [`      report  ${options.reportPath}`]),
  ].join('\n');
}

/** Whether anything was said in multiples of the noise. */
function hasFigures({ cases }: Result): boolean {
  return cases.some(({ measurements }) => measurements.some((one) => timesNoise(one) !== null));
}

/** A reason that stands in a case's own line is not said again. */
function summaryOf({ cases, summary }: Result): string {
  const said = cases.find(({ reason }) => reason !== null && summary.endsWith(`: ${reason}.`));
  return said === undefined ? summary : `${summary.slice(0, -`: ${said.reason}.`.length)}: see above.`;
}

type Painter = ReturnType<typeof picocolors.createColors>;

const verdictsInOrder: readonly Verdict[] = ['pass', 'waived', 'fail', 'error', 'not-run'];

function painter({ colour }: ConsoleOptions): Painter {
  return colour === undefined ? picocolors : picocolors.createColors(colour);
}

function paintVerdict(paint: Painter, verdict: Verdict): string {
  const { green, yellow, red } = paint;
  const colour = { pass: green, waived: yellow, fail: red, error: red, 'not-run': yellow }[verdict];
  return colour(paint.bold(verdict.padEnd(4)));
}

function caseFigures(found: CaseResult, summary: CaseSummary): string[] {
  const { counts, worst, worstOwn } = summary;
  if (found.evaluation !== undefined) return evaluationFigures(found.evaluation);
  const probes = renderCount(found.measurements.length, 'probe');
  if (found.verdict !== 'pass') return [probes, explainCounts(summary)];
  return [
    counts.uninformative === 0 ? probes : `${probes} (${counts.uninformative} not informative)`,
    ...(worst === null ? [] : [`worst ${renderTimes(timesNoise(worst))} noise at ${oneLine(worst.name)}`]),
    ...(worstOwn === null ? [] : [`own ${renderTimes(timesNoise(worstOwn.own))}`]),
    ...(found.meaning === null
      ? []
      : [`${found.meaning.changed} of ${renderCount(found.meaning.pixels, 'pixel')} changed`]),
  ];
}

function evaluationFigures({ images, modes }: EvaluationResult): string[] {
  return [renderCount(images, 'image'), modes.map(explainMode).map(oneLine).join('; ')];
}

function renderDetails(found: CaseResult, paint: Painter): string[] {
  const fault = explainFault(found);
  const { worst } = summariseCase(found);
  const { engine, goldens, meaning } = found;
  const place = found.measurements.find(({ name }) => name === fault?.layer)?.found;
  const missing = found.measurements.filter(({ verdict }) => verdict === 'missing').map(({ name }) => name);
  const details: (readonly [string, string])[] = [
    ...(found.reason === null ? [] : [['reason', oneLine(found.reason)] as const]),
    ...(fault === null ? [] : [[fault.title, `${paint.red(oneLine(fault.layer))}: ${oneLine(fault.found)}`] as const]),
    ...(fault === null || fault.worst === null ? [] : [['', oneLine(fault.worst)] as const]),
    ...(place === undefined ? [] : [['tensor', oneLine(explainPlace(place))] as const]),
    ...(fault === null || fault.others === null ? [] : [['also faulty', oneLine(fault.others)] as const]),
    ...(missing.length === 0 ? [] : [['missing', oneLine(listFirst(missing))] as const]),
    ...(worst === null
      ? []
      : [['furthest off', `${oneLine(worst.name)}, ${renderTimes(timesNoise(worst))} noise accumulated`] as const]),
    ...(meaning === null ? [] : [['pixels', explainMeaning(meaning)] as const]),
    ...(fault === null ? [] : [['hint', oneLine(fault.hint)] as const]),
    ...(engine === null ? [] : [['port', oneLine(`${found.port}: ${explainEngine(engine)}`)] as const]),
    [
      'golden',
      oneLine(
        `${found.model} ${renderShape(found.inputShape)} by ${goldens.madeBy}, ${goldens.caseSha256.slice(0, 12)}`,
      ),
    ],
  ];
  return [
    ...waivedLines(found, paint),
    ...details.map(([label, text]) => renderDetail(paint, label, text)),
    ...fileLines(found, paint),
  ];
}

function waivedLines(found: CaseResult, paint: Painter): string[] {
  return explainWaived(found).map((text) => renderDetail(paint, 'known', oneLine(text)));
}

/**
 * Which engine ran a file, and in which precision, if it was chosen for the file. What the file computes in, where that
 * is not float32. Whose weights were judged, where a
 * port says so: a file's own may have been replaced. Then which replacements of probes the port ignores, and how
 * tensors were found.
 */
function fileLines(found: CaseResult, paint: Painter): string[] {
  const { weights, replaced, precision } = found.engine?.details ?? {};
  const tensors = explainFound(found);
  const elsewhere = explainElsewhere(found);
  const runs = explainRuns(found);
  const computes = explainFormat(found);
  const sizes = explainSizes(found);
  // What does not pass says it among its details.
  const isSaid = precision === undefined || found.verdict !== 'pass';
  return [
    ...(isSaid ? [] : [renderDetail(paint, 'engine', oneLine(explainEngine(found.engine!)))]),
    ...(computes === null ? [] : [renderDetail(paint, 'computes in', oneLine(computes))]),
    ...(weights === undefined ? [] : [renderDetail(paint, 'weights', oneLine(weights))]),
    ...(replaced === undefined ? [] : [renderDetail(paint, 'replaced', oneLine(replaced))]),
    ...(tensors === null ? [] : [renderDetail(paint, 'tensors', oneLine(tensors))]),
    ...(elsewhere === null ? [] : [renderDetail(paint, 'map', oneLine(elsewhere))]),
    ...(runs === null ? [] : [renderDetail(paint, 'repeats', oneLine(runs))]),
    ...(sizes === null ? [] : [renderDetail(paint, 'free sizes', oneLine(sizes))]),
  ];
}

function renderDetail(paint: Painter, label: string, text: string): string {
  return `      ${paint.dim(label.padEnd(12))}  ${text}`;
}

function listFirst(names: readonly string[]): string {
  const rest = names.length - namedMissing;
  return `${names.slice(0, namedMissing).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

/** So many names fit on a line or two. */
const namedMissing = 4;
