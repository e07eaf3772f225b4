import type { Float64Context, Float64Tensor } from '../float64-for-tests.js';
import type { OperatorCase } from '../operator-case-for-tests.js';
import type { Draw } from './draw.js';

export const float64 = (context: Float64Context): Draw<Float64Tensor> => ({ draw: context.get });

export const cases: readonly OperatorCase[] = [
  { name: '', inputs: [[2, 5, 3]], draws: { d: [2, 5, 3] }, run: (ops, [x]) => ops.mul(x!, ops.draw('d')) },
];
