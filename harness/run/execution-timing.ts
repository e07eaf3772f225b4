/** How long the parts of a case took, and what it held at most. */
export interface ExecutionTiming {
  readonly loadMs: number;
  readonly plainMs: number;
  readonly ownMs: number | null;
  readonly shippedMs: number | null;
  /** Spent in the harness on comparing. */
  readonly judgeMs: number;
  readonly peakRssMb: number;
}
