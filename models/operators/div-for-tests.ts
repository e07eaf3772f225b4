import { type Float64Tensor, mapAt, read } from '../float64-for-tests.js';
import { mapShape, type OperatorCase } from '../operator-case-for-tests.js';
import type { Div } from './div.js';

export const float64 = (): Div<Float64Tensor> => ({
  div(a, b) {
    const placed = (at: readonly number[]) => at.map((place, axis) => (b.shape[axis] === 1 ? 0 : place));
    return mapAt(a.shape, (at, flat) => a.data[flat]! / read(b, placed(at)));
  },
});

export const cases: readonly OperatorCase[] = [
  { name: '', inputs: [mapShape, mapShape], range: [0.5, 2], run: (ops, [a, b]) => ops.div(a!, b!) },
  {
    name: 'by a row',
    inputs: [
      [2, 5, 3],
      [2, 1, 3],
    ],
    range: [0.5, 2],
    run: (ops, [a, b]) => ops.div(a!, b!),
  },
];
