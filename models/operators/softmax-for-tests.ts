import { type Float64Tensor, mapAt } from '../float64-for-tests.js';
import type { OperatorCase } from '../operator-case-for-tests.js';
import type { Softmax } from './softmax.js';

export const float64 = (): Softmax<Float64Tensor> => ({
  softmax(x) {
    const last = x.shape.at(-1)!;
    return mapAt(x.shape, (_, flat) => {
      const start = flat - (flat % last);
      const row = x.data.subarray(start, start + last);
      return Math.exp(x.data[flat]!) / row.reduce((sum, v) => sum + Math.exp(v), 0);
    });
  },
});

export const cases: readonly OperatorCase[] = [{ name: '', inputs: [[2, 5, 3]], run: (ops, [x]) => ops.softmax(x!) }];
