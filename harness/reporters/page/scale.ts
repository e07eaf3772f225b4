/** A log scale of errors: multiples of the noise on one side, pixels on the other. */
export interface ErrorScale {
  readonly decades: readonly number[];
  /** Below the lowest decade, and for 0: the bottom line. */
  toY(ratio: number): number;
}

/**
 * From the decade below the smallest error, but not below 0.01, to the one above the largest, and at least from 0.1 to
 * 10.
 */
export function errorScale(ratios: readonly number[], top: number, height: number): ErrorScale {
  const positive = ratios.filter((ratio) => ratio > 0 && Number.isFinite(ratio)).map(Math.log10);
  const low = Math.max(-2, Math.floor(positive.reduce((a, b) => Math.min(a, b), -0.5)));
  const high = Math.ceil(positive.reduce((a, b) => Math.max(a, b), 0.9) + 0.04);
  const decades = Array.from({ length: high - low + 1 }, (_, i) => low + i);
  return {
    decades,
    toY(ratio) {
      const exponent = Math.max(low, Math.log10(ratio));
      return top + (height * (high - exponent)) / (high - low);
    },
  };
}
