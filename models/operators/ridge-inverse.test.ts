import t from 'tap';
import { invertByProducts } from './ridge-inverse.js';

t.test('the steps are enough for every eigenvalue that a matrix in range has', async (t) => {
  // Of a matrix 1 × 1, whose products are those of numbers: each eigenvalue of a larger one goes the same way.
  const numbers = {
    product: (a: number, b: number) => a * b,
    add: (a: number, b: number) => a + b,
    subtract: (a: number, b: number) => a - b,
    scale: (a: number, by: number) => a * by,
    diagonal: (value: number) => value,
  };
  for (const size of [1, 8, 64, 512])
    for (const ridge of [1e-4, 0.1, 1, 1000])
      for (const share of [0, 1e-3, 0.5, 1]) {
        const inverse = invertByProducts(numbers, share * size, { size, ridge });
        const error = Math.abs(inverse * (share * size + ridge) - 1);
        t.ok(error <= 2 ** -24, `${size}, ${ridge}, ${share}: ${error}`);
      }
});
