import type { CaseResult } from './case-result.js';

/** Bits after the leading one of numbers that processors multiply in place of float32: TF32 and fp16, or bf16. */
export type ProductBits = 10 | 7;

/**
 * To how many bits the errors look as if what products read was rounded; null where they do not. It is said only where
 * all of this holds:
 * - the first probe of all fails, and by about as much as such a product errs. Nothing before it can be wrong.
 * - many layers fail on their own, and none of them, or of those that inherit, is missing.
 * - their errors lie around that size, none far below or above it.
 * - they are not all one share of the value, as a wrong factor gives.
 * What fails in a few layers, or begins after the first, or is far larger or smaller, is another fault.
 */
export function recogniseRounding({ measurements }: Pick<CaseResult, 'measurements'>): ProductBits | null {
  const [first] = measurements;
  if (first?.verdict !== 'fail' || first.own !== null) return null;
  if (measurements.some(({ verdict }) => verdict === 'missing')) return null;
  const own = measurements.flatMap((one) => (one.own?.verdict === 'fail' ? [one.own.relRms] : []));
  if (own.length < fewest) return null;
  const errors = [first.relRms, ...own].map((error) => error ?? Number.NaN).sort((a, b) => a - b);
  const [least, middle, most] = [errors[0]!, errors[Math.floor(errors.length / 2)]!, errors.at(-1)!];
  if (!(most > least * leastSpread)) return null;
  const fits = (bits: ProductBits) => {
    const lies = (error: number, below: number, above: number) =>
      error >= errorOf(bits) * below && error <= errorOf(bits) * above;
    return (
      lies(middle, 1 / 2, 2) && lies(first.relRms ?? Number.NaN, 1 / 2, 2) && errors.every((e) => lies(e, 1 / 8, 4))
    );
  };
  return productBits.find(fits) ?? null;
}

const productBits: readonly ProductBits[] = [10, 7];

/** A network of a few layers cannot show it. */
const fewest = 8;

/** The planted roundings give 2.9 and more, over 180 layers; a factor gives 1. */
const leastSpread = 1.5;

/**
 * Rms error of a sum of products, in shares of its rms, if both factors are rounded to the nearest of `bits`, signs are
 * mixed and sizes spread evenly over a power of two: √2 · 2^-bits · √(1/12 · 3 / (8 ln 2)). 2.9e-4 and 2.4e-3; the
 * planted roundings give 2.8e-4 and 2.3e-3 in the middle of MSCAN_T's layers.
 */
function errorOf(bits: ProductBits): number {
  return Math.SQRT2 * 2 ** -bits * Math.sqrt(3 / (8 * Math.LN2) / 12);
}
