import { affine, dimensions, type Float64Context, type Float64Tensor, normalised } from '../float64-for-tests.js';
import { mapShape, type OperatorCase } from '../operator-case-for-tests.js';
import type { GroupNorm } from './group-norm.js';

export const float64 = (context: Float64Context): GroupNorm<Float64Tensor> => ({
  groupNorm(x, name, { groups, epsilon }) {
    const perGroup = dimensions(x)[1] / groups;
    return affine(
      context,
      normalised(x, ([b, channel]) => `${b} ${Math.floor(channel! / perGroup)}`, epsilon),
      name,
    );
  },
});

export const cases: readonly OperatorCase[] = [of('', mapShape), of('of three rows', [2, 4, 3, 5])];

function of(name: string, map: readonly number[]): OperatorCase {
  return {
    name,
    inputs: [map],
    parameters: { 'n.weight': [4], 'n.bias': [4] },
    run: (ops, [x]) => ops.groupNorm(x!, 'n', { groups: 2, epsilon: 1e-5 }),
  };
}
