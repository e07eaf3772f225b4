import type { Float64Tensor } from '../float64-for-tests.js';
import { mapShape, type OperatorCase } from '../operator-case-for-tests.js';
import type { Scope } from './scope.js';

export const float64 = (): Scope<Float64Tensor> => ({ scope: (body) => body() });

export const cases: readonly OperatorCase[] = [
  { name: '', inputs: [mapShape], run: (ops, [x]) => ops.scope(() => ops.mul(ops.addScalar(x!, 1.5), x!)) },
];
