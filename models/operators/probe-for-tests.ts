import type { Float64Tensor } from '../float64-for-tests.js';
import { mapShape, type OperatorCase } from '../operator-case-for-tests.js';
import type { Probe } from './probe.js';

export const float64 = (): Probe<Float64Tensor> => ({ probe: (_name, x) => x });

export const cases: readonly OperatorCase[] = [
  { name: '', inputs: [mapShape], run: (ops, [x]) => ops.mul(ops.probe('p', x!), x!) },
];
