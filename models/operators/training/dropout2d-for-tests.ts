import { type Float64Context, type Float64Tensor, mapAt, read } from '../../float64-for-tests.js';
import { mapShape, type OperatorCase } from '../../operator-case-for-tests.js';
import type { Dropout2d } from './dropout2d.js';

export const float64 = (context: Float64Context): Dropout2d<Float64Tensor> => ({
  dropout2d: (x, name, { rate }) =>
    mapAt(x.shape, ([image, channel], flat) => {
      const kept = read(context.get(name), [0, image!, channel!]);
      return (x.data[flat]! * kept) / (1 - rate);
    }),
});

export const cases: readonly OperatorCase[] = [
  {
    name: '',
    inputs: [mapShape],
    draws: { d: [1, 2, 4] },
    run: (ops, [x]) => ops.training!.dropout2d(x!, 'd', { rate: 0.25 }),
  },
];
