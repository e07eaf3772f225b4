import { type Kind, type KindLimit, kindNamed, kindOfName, limitsUnder, uninformativeLimits } from '../kinds/index.js';
import {
  type CaseResult,
  type Figure,
  isWithin,
  type Measured,
  type Measurement,
  type TriedSize,
} from '../result/record/case-result.js';
import type { Result } from '../result/record/result.js';

/** Of which kind a figure must be, and by which limits the run was judged. */
export interface HeldBy extends Pick<Result, 'limits'> {
  /** Null: no kind has that name there. */
  readonly kind: Kind | null;
}

const batchKind = kindNamed('batch');
const ownKind = kindNamed('own');
const shippedKind = kindNamed('shipped');
const metricsKind = kindNamed('metrics');

/**
 * Where a stored case passes more than it may: a figure above its limit, a limit above that of its kind, a figure or a
 * limit that its kind has and that is not there.
 */
export function findOverLimits(
  { phase, measurements, shipped, sizes = [] }: CaseResult,
  { limits }: Pick<Result, 'limits'>,
) {
  const heldBy = (kind: Kind): HeldBy => ({ kind: kind.phase === phase ? kind : null, limits });
  const find = (one: Measurement) =>
    findInMeasurement(one, { kind: kindOfName(phase, one.name), limits }, heldBy(ownKind));
  const again = sizes.filter(({ what }, at) => sizes.findIndex((one) => one.what === what) !== at);
  const found = [
    ...measurements.flatMap(find),
    ...sizes.flatMap((size) => findInSize(size, heldBy(batchKind))),
    ...again.map(({ what }) => `its ${what} stands there twice`),
  ];
  if (shipped === null) return found;
  const { logits } = shipped;
  const apart = findInMeasured('the graph without probes', shipped, heldBy(shippedKind), agrees(logits));
  return [...found, ...find(logits), ...apart];
}

function findInSize({ what, verdict, reason, apart }: TriedSize, by: HeldBy): string[] {
  if (verdict === 'pass' && reason !== null) return [`its ${what} passes, and has the reason ${reason}`];
  if (verdict !== 'pass' && !reason) return [`its ${what} is ${verdict}, and no reason says why`];
  if (verdict === 'not-tried' && apart !== null) return [`its ${what} was not tried, and has figures`];
  if (apart !== null) return findInMeasured(`its ${what}`, apart, by, verdict === 'pass');
  return what === 'batch' && verdict === 'pass' ? ['its batch passes, and nothing of it was compared'] : [];
}

function agrees({ verdict }: Measurement): boolean {
  return verdict === 'pass' || verdict === 'uninformative';
}

function findInMeasurement(one: Measurement, by: HeldBy, ownBy: HeldBy): string[] {
  const { name, verdict, compared, own, spread } = one;
  const passes = agrees(one) && !isUncompared(one);
  const what = verdict === 'pass' ? `${name} passes` : `${name} is uninformative`;
  return [
    ...(passes && compared <= 0 ? [`${what}, and nothing of it was compared`] : []),
    ...findInMeasured(name, one, by, passes, verdict !== 'pass'),
    ...(spread === undefined ? [] : findInMeasured(`${name} between runs`, spread, by, passes, verdict !== 'pass')),
    ...(own === null || isReported(own) ? [] : findInOwn(one, own, ownBy)),
  ];
}

/** All that is stored of a sampled probe can lie where its `valid` leaves it out. It says nothing, and says so. */
function isUncompared({ verdict, compared, reason, figures }: Measurement): boolean {
  return (
    verdict === 'uninformative' && compared === 0 && reason !== null && figures.every(({ value }) => value === null)
  );
}

/** A bundle without own noise has no limit of own errors. */
function isReported({ verdict, figures }: NonNullable<Measurement['own']>): boolean {
  return verdict === 'reported' && figures.every(({ value, limit }) => value === null && limit === null);
}

function findInOwn({ name, verdict }: Measurement, own: NonNullable<Measurement['own']>, by: HeldBy): string[] {
  return findInMeasured(`${name} on its own`, own, by, own.verdict === 'pass', verdict !== 'pass');
}

/**
 * Where what was measured does not follow from its figures, or these from its kind.
 * @param mayBeWide whether the limits of what is not informative may stand there
 */
export function findInMeasured(
  name: string,
  { kind: stated, figures }: Measured,
  by: HeldBy,
  passes: boolean,
  mayBeWide = false,
): string[] {
  const { kind } = by;
  if (stated !== kind?.name) return [`${name} is of the kind ${stated}; ${kind?.name ?? 'no such figure'} is wanted`];
  const limits = limitsUnder(by.limits, kind);
  const wanted = limits.map(({ figure }) => figure).join(', ');
  const names = figures.map((one) => one.name).join(', ');
  if (names !== wanted) return [`${name} has the figures ${names || 'none'}; ${wanted} are wanted`];
  const widest = mayBeWide ? uninformativeLimits({ limits }) : limits;
  return figures.flatMap((figure, at) =>
    isUnstored(figure, by) ? [] : findInFigure(name, figure, widest[at]!, passes),
  );
}

/** Version 1 stored no figure of what the pipeline prints, and nothing that it follows from. */
function isUnstored({ value, limit }: Figure, { kind, limits }: HeldBy): boolean {
  return limits === 'limits/1' && kind === metricsKind && value === null && limit === null;
}

function findInFigure(name: string, figure: Figure, allowed: KindLimit, passes: boolean): string[] {
  const { name: what, value, unit, limit } = figure;
  if (unit !== allowed.unit) return [`${what} of ${name} is in ${unit}; ${allowed.unit} is wanted`];
  if (allowed.limit !== null && (limit === null || !(limit <= allowed.limit)))
    return [`the limit of ${what} of ${name} is ${limit ?? 'missing'}; at most ${allowed.limit} ${unit} is allowed`];
  if (!passes || isWithin({ figures: [figure] })) return [];
  return [`${name} passes with ${what} ${value ?? 'not finite'}; at most ${limit} ${unit} is allowed`];
}
