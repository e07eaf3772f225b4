import type { Metric } from './metric.js';

/** e = actual − golden over the compared elements. NaN where an element is not finite: no comparison `<=` then holds. */
export interface TensorError {
  /** rms(e) / rms. If rms is 0: 0 where e is 0 everywhere, Infinity otherwise. */
  readonly relRms: number;
  /** max|e| / rms, by the same rule. */
  readonly maxOverRms: number;
  /** Index of the largest |e|, or of the first element that is not finite. −1 where nothing was compared. */
  readonly worstIndex: number;
  readonly compared: number;
  /** NaN and Inf among the compared elements of the port. */
  readonly nonFinite: number;
  readonly maxAbsGolden: number;
}

/** All of one tensor at once. @param rms of the whole golden tensor; the elements may be a sample of it. */
export function measureTensorError(actual: Float32Array, golden: Float32Array, rms: number): TensorError {
  const metric = beginTensorError(rms);
  metric.add(actual, golden);
  return metric.end();
}

/** Shapes: any, in chunks. Range: finite goldens. Sums are float64, block by block, so that 10⁸ elements lose nothing visible. */
export function beginTensorError(rms: number): Metric<Float32Array, Float32Array, TensorError> {
  let compared = 0;
  let total = 0;
  let maxAbs = 0;
  let worstIndex = -1;
  let nonFinite = 0;
  let maxAbsGolden = 0;
  return {
    add(actual, golden) {
      if (actual.length !== golden.length) {
        throw new RangeError(`${actual.length} elements cannot be compared with ${golden.length}`);
      }
      for (let start = 0; start < actual.length; start += blockLength) {
        const block = measureBlock(actual, golden, start, Math.min(start + blockLength, actual.length));
        total += block.sum;
        maxAbsGolden = Math.max(maxAbsGolden, block.maxAbsGolden);
        if (Number.isFinite(block.sum)) {
          if (block.maxAbs > maxAbs || worstIndex < 0) {
            if (nonFinite === 0) worstIndex = compared + block.worst;
            maxAbs = Math.max(maxAbs, block.maxAbs);
          }
        } else {
          const bad = indicesOfNonFinite(actual, start, Math.min(start + blockLength, actual.length));
          if (nonFinite === 0 && bad.length > 0) worstIndex = compared + bad[0]! - start;
          nonFinite += bad.length;
          maxAbs = Number.NaN;
        }
        compared += Math.min(start + blockLength, actual.length) - start;
      }
    },
    end() {
      const finite = nonFinite === 0;
      const meanSquare = compared === 0 ? Number.NaN : total / compared;
      return {
        relRms: finite ? over(Math.sqrt(meanSquare), rms) : Number.NaN,
        maxOverRms: finite && compared > 0 ? over(maxAbs, rms) : Number.NaN,
        worstIndex,
        compared,
        nonFinite,
        maxAbsGolden,
      };
    },
  };
}

/** Small enough for the first-level cache, large enough that the loop dominates. */
const blockLength = 4096;

function measureBlock(actual: Float32Array, golden: Float32Array, start: number, end: number) {
  let sum = 0;
  let maxAbs = 0;
  let worst = 0;
  let maxAbsGolden = 0;
  for (let i = start; i < end; i++) {
    const expected = golden[i]!;
    const error = Math.abs(actual[i]! - expected);
    sum += error * error;
    if (error > maxAbs) {
      maxAbs = error;
      worst = i - start;
    }
    const size = Math.abs(expected);
    if (size > maxAbsGolden) maxAbsGolden = size;
  }
  return { sum, maxAbs, worst, maxAbsGolden };
}

function indicesOfNonFinite(values: Float32Array, start: number, end: number): number[] {
  const found: number[] = [];
  for (let i = start; i < end; i++) if (!Number.isFinite(values[i]!)) found.push(i);
  return found;
}

/** A golden that is 0 everywhere must be met exactly (CONTRACT, section 3). */
function over(error: number, rms: number): number {
  if (rms !== 0) return error / rms;
  return error === 0 ? 0 : Number.POSITIVE_INFINITY;
}
