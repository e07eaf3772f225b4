import { type Float64Tensor, mapAt, read } from '../float64-for-tests.js';
import type { OperatorCase } from '../operator-case-for-tests.js';
import type { L2Normalize } from './l2-normalize.js';

export const float64 = (): L2Normalize<Float64Tensor> => ({
  l2Normalize: (x, { axis, epsilon }) =>
    mapAt(x.shape, (at, flat) => {
      const along = Array.from({ length: x.shape[axis]! }, (_, k) => at.map((place, i) => (i === axis ? k : place)));
      const squares = along.reduce((sum, place) => sum + read(x, place) ** 2, 0);
      return x.data[flat]! / Math.max(Math.sqrt(squares), epsilon);
    }),
});

export const cases: readonly OperatorCase[] = [
  { name: 'over rows', inputs: [[2, 5, 3]], run: (ops, [x]) => ops.l2Normalize(x!, { axis: 1, epsilon: 1e-12 }) },
  { name: 'over columns', inputs: [[2, 5, 3]], run: (ops, [x]) => ops.l2Normalize(x!, { axis: 2, epsilon: 1e-12 }) },
];
