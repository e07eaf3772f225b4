import { affine, type Float64Context, type Float64Tensor, normalised } from '../float64-for-tests.js';
import { mapShape, type OperatorCase } from '../operator-case-for-tests.js';
import type { BatchNorm } from './batch-norm.js';

export const float64 = (context: Float64Context): BatchNorm<Float64Tensor> => ({
  batchNorm: (x, name, { epsilon }) =>
    affine(
      context,
      normalised(x, ([, channel]) => `${channel}`, epsilon),
      name,
    ),
});

export const cases: readonly OperatorCase[] = [
  {
    name: '',
    inputs: [mapShape],
    parameters: { 'n.weight': [4], 'n.bias': [4] },
    run: (ops, [x]) => ops.batchNorm(x!, 'n', { epsilon: 1e-5 }),
  },
];
