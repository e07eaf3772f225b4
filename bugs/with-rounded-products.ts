import { type Float32NdArray, float32NdArray } from '../harness/contract/nd-array.js';
import type { Operators } from '../models/operators.js';
import type { Bug } from './bug.js';

/**
 * What convolutions and matrix products read is rounded to so many bits after the leading one, as tensor cores do: 10
 * of TF32 and fp16, 7 of bf16. Sums stay float32.
 * Source: Veltkamp's splitting. With c = (2^s + 1)·x, c + (x − c) is x rounded to 24 − s bits.
 * @param stored whether what layers give is rounded, too, as where fp16 is what tensors hold
 */
export function withRoundedProducts(
  bits: 10 | 7,
  { stored = false } = {},
): Required<Pick<Bug, 'operators' | 'weight'>> {
  const dropped = 23 - bits;
  return {
    operators<T>(ops: Operators<T>) {
      const round = (x: T) => roundTensor(ops, x, 2 ** dropped + 1);
      const give = stored ? round : (x: T) => x;
      return {
        conv2d: (x, name, options) => give(ops.conv2d(round(x), name, options)),
        linear: (x, name) => give(ops.linear(round(x), name)),
        matMul: (a, b, options) => ops.matMul(round(a), round(b), options),
      } satisfies Partial<Operators<T>> as Partial<Operators<T>>;
    },
    weight: (weight) => (isFactor(weight) ? roundArray(weight, 2 ** dropped + 1) : weight),
  };
}

/** Kernels and matrices; biases and what norms scale by are added or multiplied outside of products. */
function isFactor({ shape }: Float32NdArray): boolean {
  return shape.length === 4 || shape.length === 2;
}

function roundArray({ shape, data }: Float32NdArray, factor: number): Float32NdArray {
  const round = (x: number) => {
    const c = Math.fround(factor * x);
    return c - Math.fround(c - x);
  };
  return float32NdArray(shape, data.map(round));
}

function roundTensor<T>(ops: Operators<T>, x: T, factor: number): T {
  // Operators know no product with a number: 0 + number is a tensor of it.
  const zero = ops.relu(ops.addScalar(x, -1e30));
  const times = (by: number) => ops.mul(x, ops.addScalar(zero, by));
  return ops.add(times(factor), ops.add(x, times(-factor)));
}
