import { type Float64Tensor, mapAt, read } from '../float64-for-tests.js';
import type { OperatorCase } from '../operator-case-for-tests.js';
import type { Norm } from './norm.js';

export const float64 = (): Norm<Float64Tensor> => ({
  norm(x, { axis, order }) {
    const shape = x.shape.map((size, at) => (at === axis ? 1 : size));
    return mapAt(shape, (at) => {
      let sum = 0;
      for (let k = 0; k < x.shape[axis]!; k++)
        sum +=
          read(
            x,
            at.map((place, i) => (i === axis ? k : place)),
          ) ** order;
      return sum ** (1 / order);
    });
  },
});

export const cases: readonly OperatorCase[] = ([1, 2] as const).flatMap((axis) =>
  ([1, 2] as const).map((order) => ({
    name: `of order ${order} over ${axis === 1 ? 'rows' : 'columns'}`,
    inputs: [[2, 5, 3]],
    range: order === 1 ? ([0.1, 1] as const) : ([-2, 2] as const),
    run: (ops, [x]) => ops.norm(x!, { axis, order }),
  })),
);
