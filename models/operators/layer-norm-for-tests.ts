import { affine, type Float64Context, type Float64Tensor, normalised } from '../float64-for-tests.js';
import { mapShape, type OperatorCase } from '../operator-case-for-tests.js';
import type { LayerNorm } from './layer-norm.js';

export const float64 = (context: Float64Context): LayerNorm<Float64Tensor> => ({
  layerNorm: (x, name, { epsilon }) =>
    affine(
      context,
      normalised(x, ([b, , h, w]) => `${b} ${h} ${w}`, epsilon),
      name,
    ),
});

export const cases: readonly OperatorCase[] = [of('', mapShape), of('of three rows', [2, 4, 3, 5])];

function of(name: string, map: readonly number[]): OperatorCase {
  return {
    name,
    inputs: [map],
    parameters: { 'n.weight': [4], 'n.bias': [4] },
    run: (ops, [x]) => ops.layerNorm(x!, 'n', { epsilon: 1e-5 }),
  };
}
