import { type Float64Tensor, mapAt, read } from '../float64-for-tests.js';
import type { OperatorCase } from '../operator-case-for-tests.js';
import type { MatMul } from './mat-mul.js';

export const float64 = (): MatMul<Float64Tensor> => ({
  matMul(a, b, { transposeA = false, transposeB = false } = {}) {
    const [batch = 0, rows = 0, inner = 0] = transposeA ? [a.shape[0]!, a.shape[2]!, a.shape[1]!] : a.shape;
    const columns = transposeB ? b.shape[1]! : b.shape[2]!;
    return mapAt([batch, rows, columns], ([outer, row, column]) => {
      let sum = 0;
      for (let k = 0; k < inner; k++) {
        const left = transposeA ? [outer!, k, row!] : [outer!, row!, k];
        const right = transposeB ? [outer!, column!, k] : [outer!, k, column!];
        sum += read(a, left) * read(b, right);
      }
      return sum;
    });
  },
});

export const cases: readonly OperatorCase[] = [
  ...[true, false].flatMap((transposeA) => [product(transposeA, true), product(transposeA, false)]),
  {
    name: 'a·b, five columns',
    inputs: [
      [2, 3, 4],
      [2, 4, 5],
    ],
    run: (ops, [a, b]) => ops.matMul(a!, b!),
  },
];

function product(transposeA: boolean, transposeB: boolean): OperatorCase {
  return {
    name: `${transposeA ? 'aᵀ' : 'a'}·${transposeB ? 'bᵀ' : 'b'}`,
    inputs: [transposeA ? [2, 5, 3] : [2, 3, 5], transposeB ? [2, 4, 5] : [2, 5, 4]],
    run: (ops, [a, b]) => ops.matMul(a!, b!, { transposeA, transposeB }),
  };
}
