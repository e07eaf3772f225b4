import { dimensions, type Float64Tensor, mapAt, read } from '../float64-for-tests.js';
import type { OperatorCase } from '../operator-case-for-tests.js';
import type { ResizeBilinear } from './resize-bilinear.js';

export const float64 = (): ResizeBilinear<Float64Tensor> => ({
  resizeBilinear(x, like, { alignCorners }) {
    const [b, c, h, w] = dimensions(x);
    const [, , height, width] = dimensions(like);
    const source = (at: number, from: number, to: number) =>
      alignCorners ? (to === 1 ? 0 : (at * (from - 1)) / (to - 1)) : Math.max(((at + 0.5) * from) / to - 0.5, 0);
    return mapAt([b, c, height, width], ([image, channel, row, column]) => {
      const [y, z] = [source(row!, h, height), source(column!, w, width)];
      const at = (i: number, j: number) => read(x, [image!, channel!, Math.min(i, h - 1), Math.min(j, w - 1)]);
      const [i, j] = [Math.floor(y), Math.floor(z)];
      const [fy, fz] = [y - i, z - j];
      return (
        (1 - fy) * ((1 - fz) * at(i, j) + fz * at(i, j + 1)) + fy * ((1 - fz) * at(i + 1, j) + fz * at(i + 1, j + 1))
      );
    });
  },
});

export const cases: readonly OperatorCase[] = [
  ...[true, false].flatMap((alignCorners) => [
    resize('up', [2, 3, 3, 4], [2, 1, 7, 9], alignCorners),
    resize('down', [2, 3, 7, 9], [2, 1, 3, 5], alignCorners),
    resize('from one pixel', [2, 3, 1, 1], [2, 1, 4, 3], alignCorners),
  ]),
  resize('up, one sample', [1, 2, 3, 4], [1, 1, 7, 9], false),
  resize('up in height alone', [1, 2, 3, 4], [1, 1, 6, 4], true),
];

function resize(name: string, from: readonly number[], like: readonly number[], alignCorners: boolean): OperatorCase {
  return {
    name: `${name}, align_corners ${alignCorners}`,
    inputs: [from, like],
    run: (ops, [x, target]) => ops.resizeBilinear(x!, target!, { alignCorners }),
  };
}
