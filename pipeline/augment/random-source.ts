/** Where transforms draw from. */
export interface RandomSource {
  /** A number of [low, high). */
  uniform(low: number, high: number): number;
  /** A whole number of 0..count-1. */
  below(count: number): number;
}
