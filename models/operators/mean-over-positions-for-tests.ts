import { dimensions, type Float64Tensor, mapAt, read } from '../float64-for-tests.js';
import { mapShape, type OperatorCase } from '../operator-case-for-tests.js';
import type { MeanOverPositions } from './mean-over-positions.js';

export const float64 = (): MeanOverPositions<Float64Tensor> => ({
  meanOverPositions(x) {
    const [b, c, h, w] = dimensions(x);
    return mapAt([b, c], ([image, channel]) => {
      let sum = 0;
      for (let row = 0; row < h; row++)
        for (let column = 0; column < w; column++) sum += read(x, [image!, channel!, row, column]);
      return sum / (h * w);
    });
  },
});

export const cases: readonly OperatorCase[] = [of('', mapShape), of('of one position', [2, 3, 1, 1])];

function of(name: string, map: readonly number[]): OperatorCase {
  return { name, inputs: [map], run: (ops, [x]) => ops.meanOverPositions(x!) };
}
