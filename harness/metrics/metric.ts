/** One comparison: chunks go in, figures come out. A tensor's error and an mIoU share this form. */
export interface Metric<Actual, Expected, Figures> {
  /** Takes the next chunk of both sides, of equal length. */
  add(actual: Actual, expected: Expected): void;
  /** The figures over everything added. */
  end(): Figures;
}
