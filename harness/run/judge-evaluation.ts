import type { EquivalenceLimit, SuiteLimits } from '../config/suite.js';
import type { EvalGolden, EvalMetrics } from '../golden/read-eval-golden.js';
import { figuresOf, type Kind, kindNamed } from '../kinds/index.js';
import { explainUninformative, judgeAgreement, judgeUninformative } from '../metrics/agreement.js';
import { type Confusion, classIou, meanIou, sumConfusions } from '../metrics/confusion.js';
import { type Equivalence, measureEquivalence } from '../metrics/equivalence.js';
import {
  type CaseResult,
  type EvaluationResult,
  isWithin,
  type Measurement,
  type ModeMetrics,
  type ModeResult,
} from '../result/record/case-result.js';
import type { Verdict } from '../result/record/verdict.js';
import type { EvaluationExecution, MeasuredImage, ModeExecution } from './execute-evaluation.js';
import { type JudgedCase, nothingMeasured } from './judge.js';
import { joinVerdicts } from './summarise.js';

export type JudgedEvaluation = JudgedCase & { readonly evaluation: EvaluationResult };

const averaged = kindNamed('averaged-logits');
const labelMap = kindNamed('label-map');
const confusionKind = kindNamed('confusion');
const metricsKind = kindNamed('metrics');
const miou = kindNamed('miou');
const printed = metricsKind.limits.map(({ figure }) => figure);

/**
 * Judges a whole evaluation (docs/eval-goldens.md): in each mode every image's logits and labels, the confusion
 * matrices, and the mIoU. If there are too few images to say that two mIoUs are equal, the mode is `not-run`, never a
 * pass.
 */
export function judgeEvaluation(
  golden: EvalGolden,
  { modes, pictures }: EvaluationExecution,
  limits: SuiteLimits,
): JudgedEvaluation {
  const judged = modes.map((mode) => judgeMode(golden, mode, limits));
  const measurements = judged.flatMap((mode) => mode.measurements);
  const results = judged.map(({ result }) => result);
  const verdict = joinVerdicts(results.map((mode) => mode.verdict));
  const first = measurements.find((found) => found.verdict === 'fail');
  return {
    verdict,
    reason: reasonOf(verdict, results, first),
    measurements,
    shipped: null,
    ...firstFaultOf(first),
    fault: null,
    evaluation: { classNames: golden.classNames, images: golden.images.length, modes: results, pictures },
  };
}

/** A failure is told by its measurement. Only if nothing was compared that could tell, the mode says it. */
function reasonOf(verdict: Verdict, modes: readonly ModeResult[], failed: Measurement | undefined): string | null {
  if (verdict === 'pass' || failed !== undefined) return null;
  return modes.find((mode) => mode.verdict === verdict)?.reason ?? null;
}

function firstFaultOf(first: Measurement | undefined): Pick<CaseResult, 'firstFault' | 'firstFaultBy'> {
  if (first === undefined) return { firstFault: null, firstFaultBy: null };
  return { firstFault: first.name, firstFaultBy: 'accumulated' };
}

function judgeMode(golden: EvalGolden, execution: ModeExecution, limits: SuiteLimits) {
  const { mode, images, metrics, durationMs } = execution;
  const bound = limits.miouEquivalence?.bound;
  if (bound === undefined) throw new Error('a suite with evaluations was read without limits.miou_equivalence');
  const actual = images.map(({ confusion }) => confusion);
  const expected = images.map(({ expectedConfusion }) => expectedConfusion);
  const sums = [actual, expected].map((parts) => sumConfusions(golden.classNames.length, parts));
  const [actualSum, expectedSum] = sums as [Confusion, Confusion];
  const equivalence = measureEquivalence(actual, expected, bound);
  const logits = images.map((_, at) => judgeLogits(`${mode.name}/${at}/logits`, execution, at));
  const measurements = [
    ...images.flatMap((image, at) => [
      logits[at]!,
      judgeLabels(`${mode.name}/${at}/labels`, image, golden.images[at]!),
    ]),
    judgeConfusion(`${mode.name}/confusion`, images, actualSum, expectedSum),
    judgeMetrics(`${mode.name}/metrics`, metrics, mode.metrics),
    judgeMiou(`${mode.name}/mIoU`, equivalence, limits.miouEquivalence!),
  ];
  const inconclusive = equivalence.verdict === 'inconclusive' && isWithin(measurements.at(-1)!);
  const failed = measurements.find(({ verdict }) => verdict === 'fail');
  const reason = failed === undefined ? explainUntold(mode.name, logits) : failed.reason;
  const verdict = reason !== null ? 'fail' : inconclusive ? 'not-run' : 'pass';
  const result: ModeResult = {
    name: mode.name,
    verdict,
    reason: reason ?? (inconclusive ? explainInconclusive(mode.name, equivalence) : null),
    pixels: sum(images, ({ error }) => error.pixels),
    changed: sum(images, ({ error }) => error.changed),
    unexplained: sum(images, ({ error }) => error.unexplained.length),
    maxLogitError: finiteOrNull(Math.max(...images.map(({ error }) => error.maxLogitError))),
    actual: metricsOf(actualSum),
    expected: metricsOf(expectedSum),
    presentClasses: classIou(expectedSum).filter((iou) => iou !== null).length,
    equivalence: { verdict: equivalence.verdict, interval: equivalence.interval, bound },
    durationMs,
  };
  return { measurements, result };
}

/** As a bundle's probe is judged: by the reference's own float32 noise. */
function judgeLogits(name: string, { mode, images }: ModeExecution, at: number): Measurement {
  const { error, nonFinite } = images[at]!;
  const identity = { kind: averaged.name, name, shape: [], sampled: true, own: null, worst: null };
  if (nonFinite > 0)
    return {
      ...identity,
      ...nothingMeasured(averaged),
      compared: error.logits.compared,
      verdict: 'fail',
      reason: `${nonFinite} of the logits are NaN or Inf`,
    };
  const { noise, logits: value, logitsRms: rms } = mode.images[at]!;
  const uninformative = explainUninformative({ noise, value, rms, informative: true }, averaged);
  const { agrees, reason, ...figures } =
    uninformative === null
      ? judgeAgreement(error.logits, noise, averaged.limits)
      : judgeUninformative(error.logits, noise, averaged);
  const judged = { ...identity, ...figures, compared: error.logits.compared };
  if (!agrees) return { ...judged, verdict: 'fail', reason };
  return { ...judged, verdict: uninformative === null ? 'pass' : 'uninformative', reason: uninformative };
}

/** Labels and mIoUs follow from logits. If no logits say anything, nothing does. Null if some do. */
function explainUntold(mode: string, logits: readonly Measurement[]): string | null {
  if (logits.some(({ verdict }) => verdict === 'pass')) return null;
  return `no informative logits were compared in mode ${mode}: ${logits[0]?.reason ?? 'there are none'}`;
}

function judgeLabels(
  name: string,
  { error }: MeasuredImage,
  { name: image, width }: EvalGolden['images'][number],
): Measurement {
  const { pixels, changed, unexplained, countedError } = error;
  const [first] = unexplained;
  const found = pixels === 0 ? {} : { changed, unexplained: unexplained.length };
  const identity = identityOf(labelMap, name, pixels, found);
  if (isWithin(identity)) return { ...identity, verdict: 'pass', reason: null };
  if (first === undefined) return { ...identity, verdict: 'fail', reason: 'no pixel was compared' };
  const place = `row ${Math.floor(first.position / width)}, column ${first.position % width}`;
  const margin = first.margin === null ? 'larger than any that is on record' : first.margin.toPrecision(3);
  return {
    ...identity,
    verdict: 'fail',
    reason: `${unexplained.length} pixels of ${image} changed class for no reason that the logit error of ${countedError.toPrecision(3)} gives, first ${place}: class ${first.actual}, and ${first.expected} is wanted; the margin there is ${margin}`,
  };
}

function judgeConfusion(
  name: string,
  images: readonly MeasuredImage[],
  actual: Confusion,
  expected: Confusion,
): Measurement {
  const pixels = sum(images, ({ error }) => error.pixels);
  // A pixel that changes its class leaves one cell and enters another.
  const moved = actual.counts.reduce((total, count, at) => total + Math.abs(count - expected.counts[at]!), 0) / 2;
  const identity = identityOf(confusionKind, name, pixels, { moved: moved / pixels });
  if (isWithin(identity)) return { ...identity, verdict: 'pass', reason: null };
  return {
    ...identity,
    verdict: 'fail',
    reason: `${moved} of ${pixels} pixels lie elsewhere in the confusion matrix; at most one in a million is wanted`,
  };
}

/** The figures that the pipeline prints, beside those of the reference. They depend on how absent classes count. */
function judgeMetrics(name: string, actual: EvalMetrics, expected: EvalMetrics): Measurement {
  const differences = printed.map((figure) => [figure, Math.abs(actual[figure]! - expected[figure]!)]);
  const identity = identityOf(metricsKind, name, printed.length, Object.fromEntries(differences));
  const beyond = identity.figures.find((figure) => !isWithin({ figures: [figure] }));
  if (beyond === undefined) return { ...identity, verdict: 'pass', reason: null };
  const wrong = printed.find((figure) => figure === beyond.name)!;
  const reason = `${wrong} is ${actual[wrong]}; the golden's ${expected[wrong]} ± ${beyond.limit} is wanted`;
  return { ...identity, verdict: 'fail', reason };
}

/** An interval that says nothing yet is held to no bound: the mode is `not-run` for it. */
function judgeMiou(
  name: string,
  { verdict, difference, interval, bound, images }: Equivalence,
  { because }: EquivalenceLimit,
): Measurement {
  const [ofDifference, ofInterval] = miou.limits;
  const kept = verdict === 'inconclusive' ? ofInterval! : { ...ofInterval!, limit: bound, because };
  const farther = interval === null ? null : Math.max(...interval.map(Math.abs));
  const found = { difference: Math.abs(difference), interval: farther };
  const identity = identityOf({ ...miou, limits: [ofDifference!, kept] }, name, images, found);
  if (!isWithin({ figures: identity.figures.slice(0, 1) }))
    return {
      ...identity,
      verdict: 'fail',
      reason: `the mIoU is ${difference.toPrecision(3)} from the golden's; at most ${ofDifference!.limit} is wanted`,
    };
  if (verdict === 'different')
    return {
      ...identity,
      verdict: 'fail',
      reason: `over images the mIoU differs by ${interval?.map((end) => end.toPrecision(3)).join(' to ')}; within ±${bound} is wanted`,
    };
  if (verdict === 'equivalent') return { ...identity, verdict: 'pass', reason: null };
  return { ...identity, verdict: 'uninformative', reason: 'too few images, or too different ones, to say' };
}

/** Of what is counted in pixels and shares: it has no error relative to a golden's rms. */
function identityOf(kind: Kind, name: string, compared: number, found: Readonly<Record<string, number | null>>) {
  const figures = figuresOf(kind, found);
  const nothing = { relRms: null, maxOverRms: null, own: null, worst: null };
  return { kind: kind.name, name, shape: [], compared, sampled: false, ...nothing, figures };
}

function explainInconclusive(mode: string, { images, interval, bound }: Equivalence): string {
  if (interval === null)
    return `inconclusive: ${images} images are too few to say that the mIoU of ${mode} is the golden's; at least 8 are wanted`;
  return `inconclusive: over ${images} images the mIoU of ${mode} differs by ${interval.map((end) => end.toPrecision(3)).join(' to ')}, which is not within ±${bound}; more images are wanted`;
}

function metricsOf(confusion: Confusion): ModeMetrics {
  const { classes, counts } = confusion;
  const rows = Array.from({ length: classes }, (_, row) => [...counts.subarray(row * classes, (row + 1) * classes)]);
  return { mIoU: finiteOrNull(meanIou(confusion, 1)), classIou: classIou(confusion), confusion: rows };
}

function sum<T>(parts: readonly T[], figure: (part: T) => number): number {
  return parts.reduce((total, part) => total + figure(part), 0);
}

function finiteOrNull(figure: number): number | null {
  return Number.isFinite(figure) ? figure : null;
}
