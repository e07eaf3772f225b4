import { eachOf, type Float64Tensor } from '../float64-for-tests.js';
import type { OperatorCase } from '../operator-case-for-tests.js';
import type { Relu } from './relu.js';

export const float64 = (): Relu<Float64Tensor> => ({ relu: (x) => eachOf(x, (v) => Math.max(v, 0)) });

export const cases: readonly OperatorCase[] = [
  {
    // Signs are drawn, so that no value comes near the kink.
    name: '',
    inputs: [[2, 5, 3]],
    draws: { d: [2, 5, 3] },
    range: [0.5, 2],
    run: (ops, [x]) => ops.relu(ops.mul(x!, ops.addScalar(ops.draw('d'), -0.5))),
  },
];
