import { eachOf, type Float64Tensor } from '../float64-for-tests.js';
import { mapShape, type OperatorCase } from '../operator-case-for-tests.js';
import type { Gelu } from './gelu.js';

export const float64 = (): Gelu<Float64Tensor> => ({
  gelu: (x, options) =>
    eachOf(x, options?.approximate === 'tanh' ? geluTanh : (v) => (v * (1 + erf(v / Math.SQRT2))) / 2),
});

export const cases: readonly OperatorCase[] = [
  { name: '', inputs: [mapShape], run: (ops, [x]) => ops.gelu(x!) },
  { name: 'tanh', inputs: [mapShape], run: (ops, [x]) => ops.gelu(x!, { approximate: 'tanh' }) },
];

function geluTanh(v: number): number {
  return 0.5 * v * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3)));
}

/** 2/√π Σ (−1)ⁿ x²ⁿ⁺¹ / (n! (2n + 1)). Range: right to 1e-13 for |x| up to 3. */
function erf(x: number): number {
  let [power, sum] = [x, x];
  for (let n = 1; n < 80; n++) {
    power *= -(x * x) / n;
    sum += power / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}
