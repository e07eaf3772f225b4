import type { Float64Context, Float64Tensor } from '../float64-for-tests.js';
import type { OperatorCase } from '../operator-case-for-tests.js';
import type { Buffer } from './buffer.js';

export const float64 = (context: Float64Context): Buffer<Float64Tensor> => ({ buffer: context.get });

export const cases: readonly OperatorCase[] = [
  { name: '', inputs: [[2, 5, 3]], buffers: { b: [2, 5, 3] }, run: (ops, [x]) => ops.mul(x!, ops.buffer('b')) },
];
