import { dimensions, type Float64Tensor, mapAt, read } from '../float64-for-tests.js';
import { mapShape, type OperatorCase } from '../operator-case-for-tests.js';
import type { ToTokens } from './to-tokens.js';

export const float64 = (): ToTokens<Float64Tensor> => ({
  toTokens(x, groups) {
    const [b, c, h, w] = dimensions(x);
    const width = c / groups;
    return mapAt([b * groups, h * w, width], ([outer, place, channel]) =>
      read(x, [Math.floor(outer! / groups), (outer! % groups) * width + channel!, Math.floor(place! / w), place! % w]),
    );
  },
});

export const cases: readonly OperatorCase[] = [
  { name: '', inputs: [mapShape], run: (ops, [x]) => ops.toTokens(x!, 2) },
];
