import { type ArrayData, type Dtype, type NdArray, sameShape } from '../contract/nd-array.js';

/** What two arrays have in common, element by element. */
export interface Closeness {
  /** Elements compared; 0 where the shapes differ. */
  readonly compared: number;
  /** Pairs of elements that are further apart than atol + rtol · |expected|, or that have a NaN. */
  readonly different: number;
  /** The largest distance of two finite elements. */
  readonly maxAbsError: number;
  /** The place where they are furthest apart, relative to what is allowed there; null if nothing differs. */
  readonly worst: { readonly index: readonly number[]; readonly actual: number; readonly expected: number } | null;
}

/**
 * Compares two arrays, element by element. Two elements are close if |actual − expected| ≤ atol + rtol · |expected|.
 * Source: numpy.testing.assert_allclose, which TIPC's compare_results.py calls. Differs: there NaN equals NaN and an
 * infinity equals itself; here NaN is close to nothing. Integers of 64 bits are compared before they are rounded to
 * float64.
 */
export function measureCloseness(actual: NdArray, expected: NdArray, atol: number, rtol: number): Closeness {
  if (!sameShape(actual.shape, expected.shape)) return { compared: 0, different: 0, maxAbsError: 0, worst: null };
  let different = 0;
  let maxAbsError = 0;
  let worstShare = 0;
  let worstAt = -1;
  for (let at = 0; at < actual.data.length; at++) {
    const [ours, theirs] = [actual.data[at]!, expected.data[at]!];
    if (ours === theirs) continue;
    const error = distance(ours, theirs);
    const allowed = atol + rtol * Math.abs(Number(theirs));
    // An infinity is within rtol · ∞ of anything, and NaN is within nothing. So the distance is tested for both.
    const close = Number.isFinite(error) && error <= allowed;
    const share = Number.isFinite(error) ? error / allowed : Number.POSITIVE_INFINITY;
    if (!close) different++;
    if (Number.isFinite(error)) maxAbsError = Math.max(maxAbsError, error);
    if (worstAt < 0 || share > worstShare) [worstShare, worstAt] = [share, at];
  }
  return { compared: actual.data.length, different, maxAbsError, worst: placeOf(worstAt, actual, expected) };
}

function distance(actual: number | bigint, expected: number | bigint): number {
  if (typeof actual === 'bigint' && typeof expected === 'bigint') return Math.abs(Number(actual - expected));
  return Math.abs(Number(actual) - Number(expected));
}

function placeOf(at: number, actual: NdArray, expected: NdArray): Closeness['worst'] {
  if (at < 0) return null;
  return { index: indexOf(at, actual.shape), actual: valueAt(actual.data, at), expected: valueAt(expected.data, at) };
}

function valueAt(data: ArrayData[Dtype], at: number): number {
  return Number(data[at]);
}

/** Position of a flat element in C order. */
function indexOf(flat: number, shape: readonly number[]): number[] {
  const index: number[] = [];
  let rest = flat;
  for (const extent of [...shape].reverse()) {
    index.unshift(rest % extent);
    rest = Math.floor(rest / extent);
  }
  return index;
}
