import { dimensions, type Float64Tensor, float64Tensor } from '../float64-for-tests.js';
import type { OperatorCase } from '../operator-case-for-tests.js';
import { float64 as byLike } from './resize-bilinear-for-tests.js';
import { type ResizeByRatio, scaledSize } from './resize-by-ratio.js';

export const float64 = (): ResizeByRatio<Float64Tensor> => ({
  resizeByRatio(x, ratio, options) {
    const [b, c, h, w] = dimensions(x);
    const like = float64Tensor([b, c, scaledSize(h, ratio), scaledSize(w, ratio)], () => 0);
    return byLike().resizeBilinear(x, like, options);
  },
});

export const cases: readonly OperatorCase[] = [
  resize('down', [2, 3, 8, 12], 0.25, true),
  resize('down, with a rest', [2, 3, 7, 9], 0.75, false),
  // 0.58 · 50 is 28.999999999999996 in float64, and 29 in float32.
  resize('rounded in float32', [1, 1, 50, 4], 0.58, true),
  resize('up', [2, 2, 3, 4], 1.5, true),
  resize('the same size', [2, 2, 3, 4], 1, true),
];

function resize(name: string, from: readonly number[], ratio: number, alignCorners: boolean): OperatorCase {
  return {
    name: `${name}, by ${ratio}, align_corners ${alignCorners}`,
    inputs: [from],
    run: (ops, [x]) => ops.resizeByRatio(x!, ratio, { alignCorners }),
  };
}
