import { type Float64Tensor, mapAt } from '../float64-for-tests.js';
import { mapShape, type OperatorCase } from '../operator-case-for-tests.js';
import type { Div } from './div.js';

export const float64 = (): Div<Float64Tensor> => ({
  div: (a, b) => mapAt(a.shape, (_, flat) => a.data[flat]! / b.data[flat]!),
});

export const cases: readonly OperatorCase[] = [
  { name: '', inputs: [mapShape, mapShape], range: [0.5, 2], run: (ops, [a, b]) => ops.div(a!, b!) },
];
