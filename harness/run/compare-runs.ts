import type { CaseResult, ModeResult } from '../result/record/case-result.js';
import type { Result } from '../result/record/result.js';
import type { StepResult } from '../result/record/tipc-run.js';
import { floorOf } from './judge-baseline.js';
import { type NoiseFigure, noiseMultiples } from './noise-multiples.js';

export interface RunTolerances {
  /** Multiples of the noise may differ by this, either way. */
  readonly factor: number;
  /** Shares and losses: |actual − expected| ≤ atol + rtol · |expected|. */
  readonly atol: number;
  readonly rtol: number;
}

export interface RunComparison {
  readonly cases: readonly CaseComparison[];
  /** Figures that both runs have. */
  readonly compared: number;
  /** Everything in which they disagree, a sentence each. */
  readonly differences: readonly string[];
}

export interface CaseComparison {
  readonly actual: string;
  readonly expected: string;
  readonly compared: number;
  /** Figures that differ by more than is tolerated, those furthest apart first. */
  readonly apart: readonly ComparedFigure[];
  /** All others, those furthest apart first. */
  readonly close: readonly ComparedFigure[];
}

export interface ComparedFigure {
  readonly name: string;
  readonly actual: number | null;
  readonly expected: number | null;
  /** `×`: a multiple of the noise. */
  readonly unit: '×' | 'share' | 'figure';
  readonly agrees: boolean;
}

/**
 * Compares two runs: verdicts and multiples of the noise by probe, mIoUs by mode, figures of steps (losses, …). Cases
 * are paired by id. If the runs have no case in common and one port each, they are paired by bundle.
 */
export function compareRuns(actual: Result, expected: Result, tolerances: RunTolerances): RunComparison {
  const { pairs, stray } = pairCases(actual, expected);
  const steps = compareSteps(actual, expected, tolerances);
  const cases = [...pairs.map(([ours, theirs]) => compareCases(ours, theirs, tolerances)), ...steps.cases];
  return {
    cases,
    compared: cases.reduce((sum, { compared }) => sum + compared, 0),
    differences: [
      ...stray,
      ...steps.stray,
      ...pairs.flatMap(([ours, theirs]) => compareVerdicts(ours, theirs)),
      ...cases.flatMap(({ actual: id, apart }) => apart.map((figure) => `${id}: ${describeFigure(figure)}`)),
    ],
  };
}

function describeFigure({ name, actual, expected, unit }: ComparedFigure): string {
  const show = (value: number | null) =>
    value === null ? 'not finite' : `${Number(value.toPrecision(6))}${unit === '×' ? ' ×' : ''}`;
  return `${name} is ${show(actual)}; ${show(expected)} in the other`;
}

function pairCases(actual: Result, expected: Result) {
  const shared = actual.cases.some(({ id }) => expected.cases.some((other) => other.id === id));
  const onePort = [actual, expected].every(({ cases }) => new Set(cases.map(({ port }) => port)).size === 1);
  const keyOf = (found: CaseResult) => (shared || !onePort ? found.id : found.bundle);
  const others = new Map(expected.cases.map((found) => [keyOf(found), found]));
  const own = new Set(actual.cases.map(keyOf));
  const pairs = actual.cases.flatMap((found) => {
    const other = others.get(keyOf(found));
    return other === undefined ? [] : [[found, other] as const];
  });
  const stray = [
    ...actual.cases.filter((found) => !others.has(keyOf(found))).map(({ id }) => `${id} is in the first run alone`),
    ...expected.cases.filter((found) => !own.has(keyOf(found))).map(({ id }) => `${id} is in the second run alone`),
  ];
  return { pairs, stray };
}

function compareCases(actual: CaseResult, expected: CaseResult, tolerances: RunTolerances): CaseComparison {
  const theirs = new Map(noiseMultiples(expected).map((one) => [`${one.probe}, ${one.figure}`, one.multiple]));
  const multiples = noiseMultiples(actual).flatMap(({ probe, figure, multiple }) => {
    const name = `${probe}, ${figure}`;
    const other = theirs.get(name);
    return other === undefined ? [] : [multipleOf(name, figure, multiple, other, tolerances)];
  });
  const figures = [...multiples, ...compareModes(actual, expected, tolerances)];
  const ordered = [...figures].sort((a, b) => distanceOf(b) - distanceOf(a));
  return {
    actual: actual.id,
    expected: expected.id,
    compared: figures.length,
    apart: ordered.filter(({ agrees }) => !agrees),
    close: ordered.filter(({ agrees }) => agrees),
  };
}

function multipleOf(
  name: string,
  figure: NoiseFigure,
  actual: number | null,
  expected: number | null,
  { factor }: RunTolerances,
): ComparedFigure {
  const floor = floorOf(figure);
  const within = (larger: number, smaller: number) => larger <= factor * Math.max(smaller, floor);
  const agrees = actual !== null && expected !== null && within(actual, expected) && within(expected, actual);
  return { name, actual, expected, unit: '×', agrees };
}

function compareModes(actual: CaseResult, expected: CaseResult, tolerances: RunTolerances): ComparedFigure[] {
  const theirs = new Map((expected.evaluation?.modes ?? []).map((mode) => [mode.name, mode]));
  return (actual.evaluation?.modes ?? []).flatMap((mode) => {
    const other = theirs.get(mode.name);
    return other === undefined ? [] : sharesOf(mode, other, tolerances);
  });
}

function sharesOf(mode: ModeResult, other: ModeResult, tolerances: RunTolerances): ComparedFigure[] {
  const classes = mode.actual.classIou.map(
    (iou, at) => [`IoU of class ${at}`, iou, other.actual.classIou[at] ?? null] as const,
  );
  return [['mIoU', mode.actual.mIoU, other.actual.mIoU] as const, ...classes]
    .filter(([, ours, theirs]) => ours !== null || theirs !== null)
    .map(([name, ours, theirs]) => numberOf(`${mode.name}, ${name}`, ours, theirs, 'share', tolerances));
}

function numberOf(
  name: string,
  actual: number | null,
  expected: number | null,
  unit: ComparedFigure['unit'],
  { atol, rtol }: RunTolerances,
): ComparedFigure {
  const agrees =
    actual !== null && expected !== null && Math.abs(actual - expected) <= atol + rtol * Math.abs(expected);
  return { name, actual, expected, unit, agrees };
}

/** A probe that only one of them has, and one with another verdict. */
function compareVerdicts(actual: CaseResult, expected: CaseResult): string[] {
  const theirs = new Map(expected.measurements.map((one) => [one.name, one.verdict]));
  const ours = new Set(actual.measurements.map(({ name }) => name));
  return [
    ...(actual.verdict === expected.verdict
      ? []
      : [`${actual.id} is ${actual.verdict}; ${expected.verdict} in the other`]),
    ...actual.measurements.flatMap(({ name, verdict }) => {
      const other = theirs.get(name);
      if (other === undefined) return [`${actual.id}: ${name} is in the first run alone`];
      return other === verdict ? [] : [`${actual.id}: ${name} is ${verdict}; ${other} in the other`];
    }),
    ...expected.measurements
      .filter(({ name }) => !ours.has(name))
      .map(({ name }) => `${expected.id}: ${name} is in the second run alone`),
  ];
}

/** Figures of steps that are not times: losses, mIoUs. */
function compareSteps(actual: Result, expected: Result, tolerances: RunTolerances) {
  const theirs = new Map((expected.tipc?.steps ?? []).map((step) => [step.id, step]));
  const ours = new Map((actual.tipc?.steps ?? []).map((step) => [step.id, step]));
  const stray = [
    ...[...ours.keys()].filter((id) => !theirs.has(id)).map((id) => `step ${id} is in the first run alone`),
    ...[...theirs.keys()].filter((id) => !ours.has(id)).map((id) => `step ${id} is in the second run alone`),
    ...[...ours].flatMap(([id, { verdict }]) => {
      const other = theirs.get(id)?.verdict ?? verdict;
      return other === verdict ? [] : [`step ${id} is ${verdict}; ${other} in the other`];
    }),
    ...[...ours].flatMap(([id, step]) => {
      const other = theirs.get(id);
      return other?.verdict === step.verdict ? findStrayFigures(step, other) : [];
    }),
  ];
  const cases = [...ours].flatMap(([id, step]) => {
    const other = theirs.get(id);
    if (other === undefined) return [];
    const figures = Object.entries(step.figures)
      .filter(([name]) => name in other.figures && !isTime(name))
      .map(([name, value]) => numberOf(name, value, other.figures[name]!, 'figure', tolerances));
    const apart = figures.filter(({ agrees }) => !agrees);
    return [
      { actual: id, expected: id, compared: figures.length, apart, close: figures.filter(({ agrees }) => agrees) },
    ];
  });
  return { cases, stray };
}

/** A figure that only one of them has: an mIoU of a step that evaluated in one run alone. */
function findStrayFigures({ id, figures: ours }: StepResult, { figures: theirs }: StepResult): string[] {
  const only = (here: StepResult['figures'], there: StepResult['figures'], which: string) =>
    Object.keys(here)
      .filter((name) => !(name in there) && !isTime(name))
      .map((name) => `step ${id}: ${name} is in the ${which} run alone`);
  return [...only(ours, theirs, 'first'), ...only(theirs, ours, 'second')];
}

/** Figures that change from hour to hour on one machine: times and memory, by their units. */
function isTime(name: string): boolean {
  return /\((?:s|ms|MB|samples\/s)\)$|second/i.test(name);
}

function distanceOf({ actual, expected }: ComparedFigure): number {
  if (actual === null || expected === null) return Number.POSITIVE_INFINITY;
  const [small, large] = [Math.min(actual, expected), Math.max(actual, expected)];
  return large / Math.max(small, 1e-300);
}
