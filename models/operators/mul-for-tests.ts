import { type Float64Tensor, mapAt } from '../float64-for-tests.js';
import { mapShape, type OperatorCase } from '../operator-case-for-tests.js';
import type { Mul } from './mul.js';

export const float64 = (): Mul<Float64Tensor> => ({
  mul: (a, b) => mapAt(a.shape, (_, flat) => a.data[flat]! * b.data[flat]!),
});

export const cases: readonly OperatorCase[] = [
  { name: '', inputs: [mapShape, mapShape], run: (ops, [a, b]) => ops.mul(a!, b!) },
];
