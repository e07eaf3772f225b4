import { type Float64Context, type Float64Tensor, mapAt } from '../float64-for-tests.js';
import { mapShape, type OperatorCase } from '../operator-case-for-tests.js';
import type { ScaleChannels } from './scale-channels.js';

export const float64 = (context: Float64Context): ScaleChannels<Float64Tensor> => ({
  scaleChannels: (x, name) => mapAt(x.shape, (at, flat) => x.data[flat]! * context.get(name).data[at[1]!]!),
});

export const cases: readonly OperatorCase[] = [
  {
    name: '',
    inputs: [mapShape],
    parameters: { s: [4, 1, 1] },
    run: (ops, [x]) => ops.scaleChannels(x!, 's'),
  },
];
