/** A file of numbers by step, as a board draws them. */
export interface Scalars {
  /**
   * Writes one point at once, so that a killed run loses none. NaN and Infinity are written as they are; boards show
   * them.
   * @param tag the curve, e.g. `Train/loss`
   * @param value kept as float32, as both formats do
   * @param wallTime ms since 1970; now, where it is left out
   */
  add(tag: string, step: number, value: number, wallTime?: number): void;
  close(): Promise<void>;
}
