import { type Float64Tensor, mapAt, read } from '../float64-for-tests.js';
import type { OperatorCase } from '../operator-case-for-tests.js';
import type { RidgeInverse } from './ridge-inverse.js';

export const float64 = (): RidgeInverse<Float64Tensor> => ({
  ridgeInverse(x, { ridge }) {
    const inverses = Array.from({ length: x.shape[0]! }, (_, batch) => invert(x, batch, ridge));
    return mapAt(x.shape, ([batch, row, column]) => inverses[batch!]![row!]![column!]!);
  },
});

// Columns are shorter than 1: 5 · 0.4² = 0.8.
export const cases: readonly OperatorCase[] = [of(4, 0.5), of(1, 0.1), of(4, 0.1)];

function of(size: number, ridge: number): OperatorCase {
  return {
    name: `of ${size}, by ${ridge}`,
    inputs: [[2, 5, size]],
    range: [-0.4, 0.4],
    run: (ops, [x]) => ops.ridgeInverse(ops.matMul(x!, x!, { transposeA: true }), { size, ridge }),
  };
}

/** By elimination of [x + ridge · I | I], without exchanging rows: a positive matrix needs none. */
function invert(x: Float64Tensor, batch: number, ridge: number): number[][] {
  const size = x.shape[1]!;
  const unit = (row: number, column: number) => (row === column ? 1 : 0);
  const rows = Array.from({ length: size }, (_, row) =>
    Array.from({ length: 2 * size }, (_, column) =>
      column < size ? read(x, [batch, row, column]) + ridge * unit(row, column) : unit(row, column - size),
    ),
  );
  for (let pivot = 0; pivot < size; pivot++) {
    const by = rows[pivot]![pivot]!;
    rows[pivot] = rows[pivot]!.map((value) => value / by);
    for (let row = 0; row < size; row++) {
      const times = rows[row]![pivot]!;
      if (row !== pivot) rows[row] = rows[row]!.map((value, column) => value - times * rows[pivot]![column]!);
    }
  }
  return rows.map((row) => row.slice(size));
}
