import type { Accumulator, Metric } from './metric.js';

export interface TensorErrorContext {
  /** rms of the whole golden tensor where the bundle gives it; null: that of the elements that are compared. */
  readonly rms: number | null;
}

/** How far a tensor is from its golden. e = actual − expected, in float64. */
export interface TensorError {
  /** Elements compared. */
  readonly compared: number;
  /** rms(e) / rms. NaN if nothing was compared, if an element is not finite, or if rms is 0 and e is not. */
  readonly relRms: number;
  /** max|e| / rms. NaN as `relRms`. */
  readonly maxOverRms: number;
  /** The rms that both are relative to. */
  readonly rms: number;
  readonly maxAbsError: number;
  /** max|golden| of the elements compared. */
  readonly maxAbsExpected: number;
  /** Pairs in which either element is NaN or infinite. */
  readonly nonFinite: number;
  /** Where |e| is largest, or the first element that is not finite; null where nothing differs. */
  readonly worst: { readonly index: number; readonly actual: number; readonly expected: number } | null;
}

/**
 * rel_rms and max_over_rms (CONTRACT, section 3), streaming.
 * Range: sums are float64 over blocks of 1024, which are added with compensation: right to about 1e-14 at any length.
 */
export const tensorError: Metric<TensorErrorContext, Float32Array, TensorError> = {
  name: 'tensor-error',
  begin: ({ rms }) => new TensorErrorAccumulator(rms),
};

/**
 * The error of a whole tensor. `rms` as in `TensorErrorContext`.
 * @param kept of the same length, 0 for elements that do not count, whatever they hold; absent: all count
 */
export function measureTensorError(
  actual: Float32Array,
  expected: Float32Array,
  rms: number | null,
  kept?: Uint8Array,
): TensorError {
  const accumulator = tensorError.begin({ rms });
  if (kept === undefined) {
    accumulator.add(actual, expected);
    return accumulator.end();
  }
  if (actual.length !== kept.length || expected.length !== kept.length)
    throw new RangeError(
      `Cannot compare ${actual.length} and ${expected.length} elements under ${kept.length} of a mask`,
    );
  const isKept = (_: unknown, at: number) => kept[at] !== 0;
  accumulator.add(actual.filter(isKept), expected.filter(isKept));
  const found = accumulator.end();
  return { ...found, worst: found.worst && { ...found.worst, index: placeOfKept(kept, found.worst.index) } };
}

/** The place of the element that counts as number `nth`, from 0. */
function placeOfKept(kept: Uint8Array, nth: number): number {
  let left = nth;
  return kept.findIndex((one) => one !== 0 && left-- === 0);
}

/** Naive summation errs by up to n/2 ulp of float64: 1e-13 of a block, and blocks are summed with compensation. */
const blockLength = 1024;

/** Lives from `begin` to `end`. */
class TensorErrorAccumulator implements Accumulator<Float32Array, TensorError> {
  readonly #rms: number | null;
  readonly #errors = new CompensatedSum();
  readonly #squares = new CompensatedSum();
  #compared = 0;
  #nonFinite = 0;
  #maxAbsError = 0;
  #maxAbsExpected = 0;
  #worst: TensorError['worst'] = null;

  constructor(rms: number | null) {
    this.#rms = rms;
  }

  add(actual: Float32Array, expected: Float32Array): void {
    if (actual.length !== expected.length) {
      throw new RangeError(`Cannot compare ${actual.length} elements with ${expected.length}; equally many are wanted`);
    }
    for (let start = 0; start < actual.length; start += blockLength) {
      this.#addBlock(actual, expected, start, Math.min(start + blockLength, actual.length));
    }
    this.#compared += actual.length;
  }

  #addBlock(actual: Float32Array, expected: Float32Array, start: number, end: number): void {
    let errors = 0;
    let squares = 0;
    let maxError = this.#maxAbsError;
    let maxExpected = this.#maxAbsExpected;
    for (let i = start; i < end; i++) {
      const golden = expected[i]!;
      const error = actual[i]! - golden;
      errors += error * error;
      squares += golden * golden;
      const size = Math.abs(error);
      const goldenSize = Math.abs(golden);
      if (goldenSize > maxExpected) maxExpected = goldenSize;
      // Written so that NaN takes the branch.
      if (!(size <= maxError)) maxError = this.#noteWorst(actual, expected, i, size, maxError);
    }
    this.#maxAbsError = maxError;
    this.#maxAbsExpected = maxExpected;
    this.#errors.add(errors);
    this.#squares.add(squares);
  }

  /** Returns the largest finite error so far. */
  #noteWorst(actual: Float32Array, expected: Float32Array, i: number, size: number, maxError: number): number {
    const finite = Number.isFinite(size);
    if (finite && this.#nonFinite > 0) return size;
    if (finite || this.#nonFinite === 0) {
      this.#worst = { index: this.#compared + i, actual: actual[i]!, expected: expected[i]! };
    }
    if (finite) return size;
    this.#nonFinite++;
    return maxError;
  }

  end(): TensorError {
    const compared = this.#compared;
    const rms = this.#rms ?? Math.sqrt(this.#squares.value / compared);
    const rmsError = Math.sqrt(this.#errors.value / compared);
    const measurable = compared > 0 && this.#nonFinite === 0 && Number.isFinite(rms);
    const relative = (size: number) => {
      if (!measurable) return Number.NaN;
      if (rms === 0) return size === 0 ? 0 : Number.NaN;
      return size / rms;
    };
    return {
      compared,
      relRms: relative(rmsError),
      maxOverRms: relative(this.#maxAbsError),
      rms,
      maxAbsError: this.#nonFinite > 0 ? Number.NaN : this.#maxAbsError,
      maxAbsExpected: this.#maxAbsExpected,
      nonFinite: this.#nonFinite,
      worst: this.#worst,
    };
  }
}

/** Neumaier's summation: keeps what each addition rounds away. */
class CompensatedSum {
  #sum = 0;
  #lost = 0;

  add(term: number): void {
    const next = this.#sum + term;
    this.#lost += Math.abs(this.#sum) >= Math.abs(term) ? this.#sum - next + term : term - next + this.#sum;
    this.#sum = next;
  }

  get value(): number {
    return this.#sum + this.#lost;
  }
}
