import type { Float64Tensor } from '../float64-for-tests.js';
import type { OperatorCase } from '../operator-case-for-tests.js';
import type { Detach } from './detach.js';

export const float64 = (): Detach<Float64Tensor> => ({ detach: (x) => x });

export const cases: readonly OperatorCase[] = [{ name: '', inputs: [[2, 5, 3]], run: (ops, [x]) => ops.detach(x!) }];
