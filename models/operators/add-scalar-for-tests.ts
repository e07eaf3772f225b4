import { eachOf, type Float64Tensor } from '../float64-for-tests.js';
import { mapShape, type OperatorCase } from '../operator-case-for-tests.js';
import type { AddScalar } from './add-scalar.js';

export const float64 = (): AddScalar<Float64Tensor> => ({ addScalar: (x, scalar) => eachOf(x, (v) => v + scalar) });

export const cases: readonly OperatorCase[] = [
  { name: '', inputs: [mapShape], run: (ops, [x]) => ops.addScalar(x!, 1.5) },
];
