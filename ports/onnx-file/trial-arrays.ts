import { elementCount, type Float32NdArray, float32NdArray } from '../../harness/contract/nd-array.js';
import type { ApartOutput } from '../../harness/contract/size-trial.js';

/** Relative to the rms of what is expected; NaN where an element is not finite. */
export function measureApart(actual: Float32Array, expected: Float32Array): Omit<ApartOutput, 'name'> {
  let [errors, squares, largest] = [0, 0, 0];
  for (const [at, value] of expected.entries()) {
    const error = Math.abs(actual[at]! - value);
    errors += error * error;
    squares += value * value;
    if (!(error <= largest)) largest = error;
  }
  if (errors === 0) return { relRms: 0, maxOverRms: 0 };
  return { relRms: Math.sqrt(errors / squares), maxOverRms: largest / Math.sqrt(squares / expected.length) };
}

export function isSame(a: Float32NdArray, b: Float32NdArray): boolean {
  return a.data.every((value, at) => value === b.data[at]);
}

/** Left and right exchanged. */
export function mirror({ shape, data }: Float32NdArray): Float32NdArray {
  const width = shape[3]!;
  return float32NdArray(
    shape,
    data.map((_, at) => data[at - (at % width) + width - 1 - (at % width)]!),
  );
}

/** One behind the other, in their first axis. */
export function join(one: Float32NdArray, two: Float32NdArray): Float32NdArray {
  const data = new Float32Array(one.data.length + two.data.length);
  data.set(one.data);
  data.set(two.data, one.data.length);
  return float32NdArray([one.shape[0]! + two.shape[0]!, ...one.shape.slice(1)], data);
}

/** The image again where it ends. */
export function repeatOver({ shape, data }: Float32NdArray, larger: readonly number[]): Float32NdArray {
  const [, , h = 0, w = 0] = shape;
  const [, , height = 0, width = 0] = larger;
  const values = Float32Array.from({ length: elementCount(larger) }, (_, at) => {
    const [plane, y, x] = [Math.floor(at / (height * width)), Math.floor(at / width) % height, at % width];
    return data[(plane * h + (y % h)) * w + (x % w)]!;
  });
  return float32NdArray(larger, values);
}
