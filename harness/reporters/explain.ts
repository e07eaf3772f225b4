import { kindNamed } from '../kinds/index.js';
import {
  type CaseResult,
  isUnsteady,
  largestTimesNoise,
  type Meaning,
  type Measurement,
  type TriedSize,
  timesNoise,
} from '../result/record/case-result.js';
import type { Result } from '../result/record/result.js';
import { renderCount, renderFloat, renderScientific, renderShape, renderTimes } from '../support/figures.js';
import { type CaseSummary, type Kind, summariseCase } from './summarise-case.js';

/** The sentence that every report says before its first figure. */
export function whatOneTimesIs({ cases }: Pick<Result, 'cases'>): string {
  const formats = [...new Set(cases.map(({ goldens }) => goldens.precision ?? 'float32'))];
  return `1× = the rounding error that Paddle itself makes here in ${formats.join(' or ') || 'float32'}`;
}

export interface Fault {
  readonly layer: string;
  /** What it is called: in a training what failed first need not be the likely cause. */
  readonly title: 'first fault' | 'likely cause';
  /** By which error it was found. */
  readonly by: 'own' | 'accumulated';
  /** The other layers that are at fault on their own, at most ten by name; null where there are none. */
  readonly others: string | null;
  /** What is wrong with it, measured against the limit. */
  readonly found: string;
  /** The place of the largest error with both values; null where the run did not note it. */
  readonly worst: string | null;
  /** Where to look next. */
  readonly hint: string;
}

/** The likely cause of a case in words, or the first that fails; null where there is none. */
export function explainFault(found: CaseResult): Fault | null {
  const summary = summariseCase(found);
  const { culprit, culpritBy } = summary;
  if (culprit === null) return null;
  return {
    layer: culprit.name,
    title: culprit.name === found.firstFault ? 'first fault' : 'likely cause',
    by: culpritBy,
    others: renderOthers(summary, culprit),
    found: renderFinding(culprit),
    worst: renderWorst(culprit),
    hint: renderHint(found, culprit, culpritBy),
  };
}

/** With the first that is named, ten. */
const namedOthers = 9;

/** Own errors are measured independently of each other: a layer that is at fault hides no other. */
function renderOthers({ faulty }: CaseSummary, culprit: Measurement): string | null {
  const others = faulty.filter((one) => one !== culprit);
  if (others.length === 0) return null;
  const named = others.slice(0, namedOthers).map(({ name, own }) => `${name} (${renderTimes(timesNoise(own))})`);
  const rest = others.length - named.length;
  return `${named.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

/** `1 faulty, 48 inherit, 227 agree`: what is not there is not said. */
export function explainCounts({ counts }: CaseSummary): string {
  const parts = kindWords
    .filter(([kind]) => counts[kind] > 0)
    .map(([kind, word]) => `${counts[kind]} ${word(counts[kind])}`);
  return parts.length === 0 ? 'nothing compared' : parts.join(', ');
}

/** What the error means for the label map: `0 of 6144 pixels changed class; 3 can at this error`. */
export function explainMeaning({ pixels, changed, canChange, unexplained }: Meaning): string {
  const changes = `${changed} of ${renderCount(pixels, 'pixel')} changed class; ${canChange} can at this error`;
  return unexplained === 0 ? changes : `${changes}; ${unexplained} changed that should not have been able to`;
}

/** The figures behind `explainMeaning`. */
export function explainMargins({ maxLogitError, smallestMargin }: Meaning): string {
  return `largest logit error ${renderScientific(maxLogitError)}; smallest margin between the two best classes ${renderScientific(smallestMargin)}`;
}

/** `onnxruntime 1.26.0 on cpu, CPUExecutionProvider`, TF32 named where it applies. */
export function explainEngine({ engine, version, device, provider, tf32 }: NonNullable<CaseResult['engine']>): string {
  return `${engine} ${version} on ${device}, ${provider}${tf32 === 'not applicable' ? '' : `, TF32 ${tf32}`}`;
}

/** What a file computes in, where its port says so. By the limits of float32 it fails, so another one is offered. */
export function explainFormat({ engine, goldens }: CaseResult): string | null {
  const format = engine?.details['computes in'];
  if (format === undefined) return null;
  const [, precision] = /\((fp16|bf16|tf32)\)/.exec(format) ?? [];
  if (goldens.precision !== undefined || precision === undefined) return format;
  return `${format}; judged by the limits of float32, and --precision ${precision} judges by those of ${precision}`;
}

/** What the map says otherwise than the values: `norm1 is t7 by the map, and t12 by value`; null: nothing. */
export function explainElsewhere({ measurements }: CaseResult): string | null {
  const others = measurements.flatMap(({ name, found }) =>
    found?.elsewhere === undefined ? [] : [`${name} is ${found.tensor} by the map, and ${found.elsewhere} by value`],
  );
  return others.length === 0 ? null : `${others[0]}${others.length === 1 ? '' : `; and ${others.length - 1} more`}`;
}

/** How the tensors of a file were found: `347 by value, 1 by output, 5 fused`; null where all had their names. */
export function explainFound({ measurements }: CaseResult): string | null {
  const ways = measurements.flatMap(({ found }) => found?.by ?? []);
  if (ways.length === 0) return null;
  const counted = (Object.keys(foundWords) as (typeof ways)[number][]).map((way) => [
    ways.filter((one) => one === way).length,
    foundWords[way],
  ]);
  const fused = measurements.filter(({ reason }) => reason === 'fused').length;
  const lost = measurements.length - ways.length - fused;
  return [...counted, [fused, 'fused into others'], [lost, 'not found']]
    .filter(([count]) => count !== 0)
    .map((part) => part.join(' '))
    .join(', ');
}

/** `2 runs: 3 of 276 probes differ, at most 0.4×, at norm1`; null where it was run once. */
export function explainRuns({ runs, measurements, shipped, engine }: CaseResult): string | null {
  if (runs === undefined) return null;
  const all = shipped === null ? measurements : [...measurements, shipped.logits];
  const seen = all.filter(({ spread }) => spread !== undefined);
  if (seen.length === 0) return `${runs} runs: nothing could be compared`;
  const differing = seen.filter(({ spread }) => spread!.relRms !== 0 || spread!.maxOverRms !== 0);
  if (differing.length === 0) return `${runs} runs, the same to the last bit`;
  const reach = ({ spread }: Measurement) => timesNoise(spread) ?? Number.POSITIVE_INFINITY;
  const furthest = differing.reduce((most, one) => (reach(one) > reach(most) ? one : most));
  const { name, spread } = furthest;
  const where = furthest === shipped?.logits ? `${name} of the graph without probes` : name;
  const drawing = engine?.details['draws at random'];
  const nodes = drawing === undefined ? '' : `; nodes that draw, where no draw of the bundle stands in: ${drawing}`;
  const far = `${renderTimes(timesNoise(spread))} noise, largest ${renderTimes(largestTimesNoise(spread))}`;
  const first = differing[0] === furthest ? '' : `; the first is ${differing[0]!.name}`;
  return `${runs} runs: ${differing.length} of ${renderCount(seen.length, 'tensor')} differ, at most ${far}, at ${where}${first}${nodes}`;
}

/** `[2, 3, 64, 128] equals two single runs (0.4×); [1, 3, 128, 192] runs`; null where a file declares no free sizes. */
export function explainSizes({ sizes, reason: said }: CaseResult): string | null {
  if (sizes === undefined) return null;
  const explain = ({ what, image, verdict, reason, apart }: TriedSize) => {
    const words = {
      fail: reason !== null && said?.endsWith(reason) ? 'fails' : `fails: ${reason}`,
      'not-tried': `not tried: ${reason}`,
      pass: what === 'size' ? 'runs' : `equals single runs within ${renderTimes(timesNoise(apart))} noise`,
    };
    return `${renderShape(image)} ${words[verdict]}`;
  };
  return sizes.map(explain).join('; ');
}

/** `t12 of backbone.norm1, found by value` */
export function explainPlace({ by, tensor, module }: NonNullable<Measurement['found']>): string {
  return `${tensor}${module === undefined ? '' : ` of ${module}`}, found ${foundWords[by]}`;
}

const foundWords: Readonly<Record<NonNullable<Measurement['found']>['by'], string>> = {
  map: 'by the map',
  name: 'by name',
  output: 'as the output',
  value: 'by value',
  weights: 'by weights',
  nearness: 'as the nearest',
};

const kindWords: readonly (readonly [Kind, (count: number) => string])[] = [
  ['faulty', () => 'faulty'],
  ['missing', () => 'missing'],
  ['suspect', () => 'suspect'],
  ['inherits', (count) => (count === 1 ? 'inherits' : 'inherit')],
  ['waived', () => 'waived'],
  ['uninformative', () => 'not informative'],
  ['agrees', (count) => (count === 1 ? 'agrees' : 'agree')],
];

function renderFinding(measurement: Measurement): string {
  const { own, reason, verdict } = measurement;
  if (own?.verdict === 'fail') return `on its own, ${own.reason ?? 'it fails'}`;
  return reason ?? (verdict === 'missing' ? 'the port gave no such probe' : 'it fails');
}

function renderWorst({ worst, shape }: Measurement): string | null {
  if (worst === null) return null;
  const place = shape.length === 0 ? '' : ` at [${worst.index.join(', ')}]`;
  const actual = worst.actual === null ? 'NaN or Inf' : renderFloat(worst.actual);
  return `worst${place}: ${actual}, and ${renderFloat(worst.expected)} is wanted`;
}

function renderHint(found: CaseResult, first: Measurement, by: Fault['by']): string {
  if (first.verdict === 'missing') {
    if (found.measurements.some((one) => one.found !== undefined))
      return 'No tensor of the file is this probe, as far as values and weights tell: look at what the file does between the last probe that agrees and this one. If the tensor is there, name it with --map.';
    const missing = found.measurements.filter(({ verdict }) => verdict === 'missing').length;
    if (missing > 1 && found.port.endsWith('.onnx') && missing * 2 > found.measurements.length) {
      return `${missing} of ${found.measurements.length} probes have no tensor of their name, as in a graph that an exporter folded and fused: judge what is left with --only logits, name its tensors with --map, or export one that keeps its layers (npx tipcheck export --layers).`;
    }
    return 'The port gave no tensor of this name. Names are those of the reference’s sublayers; an .onnx file can be given a map with --map.';
  }
  if (isUnsteady(first))
    return 'Runs of it differ, so its error is that of one run: look for numbers that are drawn without a seed, for state that one run leaves to the next, and for threads that race.';
  const kind = kindNamed(by === 'own' ? first.own!.kind : first.kind);
  return kind.hint(found, first);
}
