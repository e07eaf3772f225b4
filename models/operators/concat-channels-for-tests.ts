import { dimensions, type Float64Tensor, mapAt, read } from '../float64-for-tests.js';
import { mapShape, type OperatorCase } from '../operator-case-for-tests.js';
import type { ConcatChannels } from './concat-channels.js';

export const float64 = (): ConcatChannels<Float64Tensor> => ({
  concatChannels(xs) {
    const sources = xs.flatMap((x) => Array.from({ length: dimensions(x)[1] }, (_, channel) => ({ x, channel })));
    const [b, , h, w] = dimensions(xs[0]!);
    return mapAt([b, sources.length, h, w], ([image, at, row, column]) =>
      read(sources[at!]!.x, [image!, sources[at!]!.channel, row!, column!]),
    );
  },
});

export const cases: readonly OperatorCase[] = [
  { name: '', inputs: [mapShape, [2, 3, 5, 6]], run: (ops, xs) => ops.concatChannels(xs) },
];
