import type { TensorError } from '../metrics/tensor-error.js';
import type { WorstPlace } from '../result/record/case-result.js';

export type Recordings = ReadonlyMap<string, Recording>;

/** A probe as the port gave it, measured against its golden. */
export interface Recording {
  readonly shape: readonly number[];
  /** NaN and Inf in the whole tensor, as far as its elements count. */
  readonly nonFinite: number;
  /** Null where the shape is wrong. */
  readonly error: TensorError | null;
  readonly worst: WorstPlace | null;
}
