/** One training, as its log has it. */
export interface TrainingCurves {
  readonly name: string;
  /** What the weights were at the start, where the log says. */
  readonly weights?: string | null;
  /** [iteration, value] ascending; a value may be NaN or Infinity. */
  readonly loss: readonly CurvePoint[];
  readonly lr: readonly CurvePoint[];
  /** Shares, 0 to 1. */
  readonly mIoU: readonly CurvePoint[];
}

export type CurvePoint = readonly [iteration: number, value: number];
