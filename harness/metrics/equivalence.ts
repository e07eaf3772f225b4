import { uniform } from '../golden/seeded.js';
import { type Confusion, meanIou, sumConfusions } from './confusion.js';

/** What can be said about the difference of two mIoUs that were measured on the same images. */
export interface Equivalence {
  readonly verdict: 'equivalent' | 'different' | 'inconclusive';
  /** Port minus reference, over all images. */
  readonly difference: number;
  /** The 90 % confidence interval of the difference; null with too few images to say. */
  readonly interval: readonly [low: number, high: number] | null;
  readonly bound: number;
  readonly images: number;
}

/**
 * Two one-sided tests at α = 0.05: equivalent if the 90 % interval of the difference lies inside ± bound, different if
 * it lies outside, else inconclusive. The interval is a paired bootstrap over whole images, since pixels of one image
 * depend on each other: images are drawn with replacement, the same ones for both.
 * Range: `bound` > 0. Differs from a t test: no normal distribution is assumed; the draws are seeded, so the result is
 * the same each time. Throws a RangeError where both do not have the same images.
 */
export function measureEquivalence(
  actual: readonly Confusion[],
  expected: readonly Confusion[],
  bound: number,
): Equivalence {
  const images = expected.length;
  const classes = expected[0]?.classes ?? 0;
  if (actual.length !== images) throw new RangeError(`Cannot pair ${actual.length} images with ${images}`);
  const miou = (parts: readonly Confusion[]) => meanIou(sumConfusions(classes, parts), 1);
  const difference = miou(actual) - miou(expected);
  if (images < fewestImages) return { verdict: 'inconclusive', difference, interval: null, bound, images };

  const differences = Float64Array.from({ length: resamples }, (_, draw) => {
    const chosen = Array.from(uniform(draw, 'bootstrap', images), (u) => Math.floor(u * images));
    return miou(chosen.map((at) => actual[at]!)) - miou(chosen.map((at) => expected[at]!));
  }).sort();
  const at = (share: number) => differences[Math.round(share * (resamples - 1))]!;
  const interval = [at(alpha), at(1 - alpha)] as const;
  return { verdict: verdictOf(interval, bound), difference, interval, bound, images };
}

function verdictOf([low, high]: readonly [number, number], bound: number): Equivalence['verdict'] {
  if (low > -bound && high < bound) return 'equivalent';
  return high <= -bound || low >= bound ? 'different' : 'inconclusive';
}

/** Of each of the two one-sided tests. */
const alpha = 0.05;
/** The 5 % quantile of 2000 draws is known to about ± 0.5 % of rank. */
const resamples = 2000;
/**
 * With seven images or fewer there are too few different samples (1716 of seven) for a tail of 5 % to mean anything.
 */
const fewestImages = 8;
