import { dimensions, type Float64Tensor, mapAt, read } from '../float64-for-tests.js';
import { mapShape, type OperatorCase } from '../operator-case-for-tests.js';
import type { RepeatForBatch } from './repeat-for-batch.js';

export const float64 = (): RepeatForBatch<Float64Tensor> => ({
  repeatForBatch(x, like) {
    const batch = dimensions(like)[0];
    const [s = 0, ...rest] = x.shape;
    return mapAt([s * batch, ...rest], ([outer, ...inner]) => read(x, [Math.floor(outer! / batch), ...inner]));
  },
});

export const cases: readonly OperatorCase[] = [
  { name: '', inputs: [[2, 3, 2], mapShape], run: (ops, [x, like]) => ops.repeatForBatch(x!, like!) },
];
