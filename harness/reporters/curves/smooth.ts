import type { CurvePoint } from './training-curves.js';

/** Fewer points than these are drawn as they are. */
const fewPoints = 100;

/**
 * A centred running mean over a fiftieth of the points, which a reader can follow where the loss of single batches
 * cannot be; null where there are few. Towards the ends fewer points join it, as many on either side. What is not
 * finite stays as it is and joins no mean.
 */
export function smoothCurve(points: readonly CurvePoint[]): readonly CurvePoint[] | null {
  if (points.length < fewPoints) return null;
  const half = Math.max(1, Math.floor(points.length / 100));
  return points.map(([iteration, value], at): CurvePoint => {
    if (!Number.isFinite(value)) return [iteration, value];
    const reach = Math.min(half, at, points.length - 1 - at);
    const near = points.slice(at - reach, at + reach + 1).filter(([, other]) => Number.isFinite(other));
    return [iteration, near.reduce((sum, [, other]) => sum + other, 0) / near.length];
  });
}
