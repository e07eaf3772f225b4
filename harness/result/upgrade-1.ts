import {
  figuresOf,
  type Kind,
  type KindLimit,
  kindNamed,
  kindOfName,
  limitsUnder,
  uninformativeLimits,
} from '../kinds/index.js';
import { findFault } from './find-fault.js';
import {
  type CaseResult,
  type Fault,
  isWithin,
  type Measurement,
  type ModeResult,
  type OwnError,
  type Shipped,
} from './record/case-result.js';
import type { Result } from './record/result.js';
import type { StepCheck, StepResult, TipcRun } from './record/tipc-run.js';

/** What version 1 judged by. */
const limits1 = 'limits/1';

/**
 * A stored `tipcheck-result/1` as a Result. Its kinds are told from names and its limits from those that a case stated:
 * nothing else does that. A figure that version 1 did not store is null, without a limit.
 */
export function upgradeResult1(stored: Result1): Result {
  const { tipc, cases, ...rest } = stored;
  return {
    ...rest,
    format: 'tipcheck-result/2',
    limits: limits1,
    goldens: 'goldens/1',
    cases: cases.map(upgradeCase),
    ...(tipc === undefined ? {} : { tipc: upgradeTipc(tipc) }),
  };
}

export interface Result1 extends Omit<Result, 'format' | 'limits' | 'goldens' | 'cases' | 'tipc'> {
  readonly format: 'tipcheck-result/1';
  readonly cases: readonly Case1[];
  readonly tipc?: Tipc1;
}

interface Case1 extends Omit<CaseResult, 'measurements' | 'shipped' | 'fault'> {
  readonly limits: Limits1;
  readonly measurements: readonly Measurement1[];
  readonly shipped: { readonly logits: Measurement1; readonly agreement: number | null } | null;
  readonly fault?: Fault | null;
}

/** Of a training: those of its gradients. */
interface Limits1 extends Multiples1 {
  readonly noiseRatio: number;
  readonly maxRatio: number;
  readonly because: string;
}

interface Multiples1 {
  readonly noiseRatio: number | null;
  readonly maxRatio: number | null;
}

type Measurement1 = Omit<Measurement, 'kind' | 'figures' | 'own' | 'worst'> &
  Multiples1 & {
    readonly own: (Omit<OwnError, 'kind' | 'figures'> & Multiples1) | null;
    readonly worst?: Measurement['worst'];
  };

export type Step1 = Omit<StepResult, 'observed' | 'record' | 'checks'> &
  Partial<Pick<StepResult, 'observed' | 'record'>> & {
    readonly checks: readonly Omit<StepCheck, 'kind' | 'figures'>[];
  };

type Trust1 = 'ports' | 'startFolder' | 'commit' | 'params' | 'inputs' | 'files';

type Tipc1 = Omit<TipcRun, 'steps' | Trust1> & Partial<Pick<TipcRun, Trust1>> & { readonly steps: readonly Step1[] };

function upgradeCase({ limits, ...found }: Case1): CaseResult {
  const measurements = found.measurements.map((one) => upgradeMeasurement(one, found, limits));
  const { shipped, fault } = found;
  return {
    ...found,
    measurements,
    shipped: shipped === null ? null : upgradeShipped(shipped, found, limits),
    fault: fault === undefined ? findFault(measurements.filter(({ waived }) => waived === undefined)) : fault,
  };
}

type Where = Pick<Case1, 'phase' | 'evaluation'>;

function upgradeMeasurement(stored: Measurement1, where: Where, limits: Limits1): Measurement {
  const { noiseRatio, maxRatio, own, worst = null, ...rest } = stored;
  // A name that version 1 never gave has some kind; findContradictions says that it is not its own.
  const kind = asOf1(kindOfName(where.phase, stored.name) ?? kindNamed('forward'));
  const isCounted = kind.limits[0]!.unit === '× noise';
  const figures = isCounted
    ? figuresOf({ limits: limitsOf(kind, stored, limits) }, valuesOf(stored))
    : figuresOfMode(kind, stored, modeOf(where, stored.name));
  return { ...rest, kind: kind.name, figures, own: own === null ? null : upgradeOwn(own, stored.verdict), worst };
}

/** A kind as version 1 had it. */
function asOf1(kind: Kind): Kind {
  return { ...kind, limits: limitsUnder(limits1, kind) };
}

function valuesOf({ noiseRatio, maxRatio }: Multiples1): Record<string, number | null> {
  return { rms: noiseRatio, largest: maxRatio, error: noiseRatio };
}

/** Parameters have wider limits than the gradients', which the case states, unless a suite's is stricter than both. */
function limitsOf(kind: Kind, { verdict }: Measurement1, stated: Limits1): readonly KindLimit[] {
  if (verdict === 'uninformative') return uninformativeLimits(kind);
  if (kind.limits.length === 1) return kind.limits;
  const isWider = kind.name === 'parameter';
  const isStricter = stated.noiseRatio < asOf1(kindNamed('gradient')).limits[0]!.limit!;
  return kind.limits.map((one) => {
    const limit = one.figure === 'rms' ? stated.noiseRatio : stated.maxRatio;
    const isKept = one.limit === limit || (isWider && !(isStricter && one.figure === 'rms'));
    return isKept ? one : { ...one, limit, because: stated.because };
  });
}

/**
 * Of an own error no limit was stored: the contract's, or where only those let it pass, those of what is not
 * informative.
 */
function upgradeOwn(stored: NonNullable<Measurement1['own']>, verdict: Measurement['verdict']): OwnError {
  const { noiseRatio: _rms, maxRatio: _largest, ...rest } = stored;
  const kind = asOf1(kindNamed('own'));
  const figures = figuresOf(kind, valuesOf(stored));
  if (stored.verdict === 'reported') return { ...rest, kind: kind.name, figures: figures.map(withoutLimit) };
  if (stored.verdict === 'pass' && verdict !== 'pass' && !isWithin({ figures }))
    return { ...rest, kind: kind.name, figures: figuresOf({ limits: uninformativeLimits(kind) }, valuesOf(stored)) };
  return { ...rest, kind: kind.name, figures };
}

function withoutLimit<F extends object>(figure: F): F & { limit: null; because: null } {
  return { ...figure, limit: null, because: null };
}

/** Which limit a suite set was not stored. */
function upgradeShipped({ logits, agreement }: NonNullable<Case1['shipped']>, where: Where, limits: Limits1): Shipped {
  const kind = asOf1(kindNamed('shipped'));
  return {
    logits: upgradeMeasurement(logits, where, limits),
    ...{ kind: kind.name, figures: figuresOf(kind, { apart: agreement }) },
  };
}

/** What a mode of testing tells of the figures that were not stored. */
function figuresOfMode(kind: Kind, { verdict, compared }: Measurement1, mode: ModeResult | null) {
  const passes = verdict === 'pass';
  switch (kind.name) {
    case 'label-map':
      return figuresOf(kind, { unexplained: passes ? 0 : null });
    case 'confusion':
      return figuresOf(kind, { moved: mode === null ? null : movedIn(mode) / compared });
    case 'miou':
      return figuresOf({ limits: miouLimits(kind, mode) }, mode === null ? {} : mIoUFigures(mode));
    default:
      return figuresOf(kind, {}).map((figure) => (passes ? withoutLimit(figure) : figure));
  }
}

function movedIn({ actual, expected }: ModeResult): number {
  const theirs = expected.confusion.flat();
  return actual.confusion.flat().reduce((sum, count, at) => sum + Math.abs(count - (theirs[at] ?? 0)), 0) / 2;
}

function mIoUFigures({ actual, expected, equivalence: { interval } }: ModeResult) {
  return {
    difference: actual.mIoU === null || expected.mIoU === null ? null : Math.abs(actual.mIoU - expected.mIoU),
    interval: interval === null ? null : Math.max(...interval.map(Math.abs)),
  };
}

function miouLimits({ limits: [difference, interval] }: Kind, mode: ModeResult | null): readonly KindLimit[] {
  const isHeld = mode !== null && mode.equivalence.verdict !== 'inconclusive';
  return [difference!, isHeld ? { ...interval!, limit: mode.equivalence.bound, because: 'the suite' } : interval!];
}

function modeOf({ evaluation }: Where, name: string): ModeResult | null {
  return evaluation?.modes.find((mode) => name.startsWith(`${mode.name}/`)) ?? null;
}

function upgradeTipc(stored: Tipc1): TipcRun {
  const unsaid = { ports: [], startFolder: null, commit: null, params: null, inputs: null, files: null };
  return { ...unsaid, ...stored, steps: stored.steps.map(upgradeStep) };
}

/** A step as version 1 stored it, in a result and in a file of its own. */
export function upgradeStep(stored: Step1): StepResult {
  const checks = stored.checks.map((one): StepCheck => ({ kind: null, figures: [], ...one }));
  return { observed: [], record: null, ...stored, checks };
}
