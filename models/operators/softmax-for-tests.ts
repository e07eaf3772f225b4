import { type Float64Tensor, mapAt } from '../float64-for-tests.js';
import type { OperatorCase } from '../operator-case-for-tests.js';
import type { Softmax } from './softmax.js';

export const float64 = (): Softmax<Float64Tensor> => ({
  softmax(x, { scale } = { scale: 1 }) {
    const last = x.shape.at(-1)!;
    return mapAt(x.shape, (_, flat) => {
      const start = flat - (flat % last);
      const row = x.data.subarray(start, start + last);
      return Math.exp(scale * x.data[flat]!) / row.reduce((sum, v) => sum + Math.exp(scale * v), 0);
    });
  },
});

export const cases: readonly OperatorCase[] = [
  { name: '', inputs: [[2, 5, 3]], run: (ops, [x]) => ops.softmax(x!) },
  { name: 'of three times x', inputs: [[2, 5, 3]], run: (ops, [x]) => ops.softmax(x!, { scale: 3 }) },
];
