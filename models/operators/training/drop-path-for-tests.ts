import { type Float64Context, type Float64Tensor, mapAt, read } from '../../float64-for-tests.js';
import { mapShape, type OperatorCase } from '../../operator-case-for-tests.js';
import type { DropPath } from './drop-path.js';

export const float64 = (context: Float64Context): DropPath<Float64Tensor> => ({
  dropPath: (x, name, { rate, call }) =>
    mapAt(x.shape, ([image], flat) => (x.data[flat]! * read(context.get(name), [call, image!])) / (1 - rate)),
});

export const cases: readonly OperatorCase[] = [
  {
    name: '',
    inputs: [mapShape],
    draws: { d: [2, 2] },
    run: (ops, [x]) => ops.training!.dropPath(x!, 'd', { rate: 0.25, call: 1 }),
  },
];
