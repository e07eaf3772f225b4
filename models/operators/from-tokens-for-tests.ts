import { dimensions, type Float64Tensor, mapAt, read } from '../float64-for-tests.js';
import { mapShape, type OperatorCase } from '../operator-case-for-tests.js';
import type { FromTokens } from './from-tokens.js';

export const float64 = (): FromTokens<Float64Tensor> => ({
  fromTokens(tokens, like, groups) {
    const [, c, , w] = dimensions(like);
    const width = c / groups;
    return mapAt(like.shape, ([image, channel, row, column]) =>
      read(tokens, [image! * groups + Math.floor(channel! / width), row! * w + column!, channel! % width]),
    );
  },
});

export const cases: readonly OperatorCase[] = [
  { name: '', inputs: [[4, 30, 2], mapShape], run: (ops, [x, like]) => ops.fromTokens(x!, like!, 2) },
];
