import { affine, type Float64Context, type Float64Tensor, mapAt, normalised } from '../float64-for-tests.js';
import { mapShape, type OperatorCase } from '../operator-case-for-tests.js';
import type { BatchNorm } from './batch-norm.js';

export const float64 = (context: Float64Context): BatchNorm<Float64Tensor> => ({
  batchNorm(x, name, { epsilon }) {
    if (context.phase === 'train')
      return affine(
        context,
        normalised(x, ([, channel]) => `${channel}`, epsilon),
        name,
      );
    const [mean, variance] = [context.get(`${name}._mean`).data, context.get(`${name}._variance`).data];
    const normal = mapAt(x.shape, ([, channel], flat) => {
      return (x.data[flat]! - mean[channel!]!) / Math.sqrt(variance[channel!]! + epsilon);
    });
    return affine(context, normal, name);
  },
});

export const cases: readonly OperatorCase[] = [
  of('', mapShape),
  of('of three rows', [2, 4, 3, 5]),
  of('of one channel', [2, 1, 3, 4]),
];

function of(name: string, map: readonly number[]): OperatorCase {
  const each = [map[1]!];
  return {
    name,
    inputs: [map],
    parameters: { 'n.weight': each, 'n.bias': each },
    statistics: { 'n._mean': each, 'n._variance': each },
    run: (ops, [x]) => ops.batchNorm(x!, 'n', { epsilon: 1e-5 }),
  };
}
