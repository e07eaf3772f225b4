import { scaleSample, scaleSize } from '../augment/resize-sample.js';
import { rememberSize } from '../augment/sample.js';
import { defineTransform, drawNothing } from '../augment/transform.js';
import { integerFrom } from '../yml/arguments.js';

/** Scales the longer side to `long_size`. Source: ResizeByLong of PaddleSeg 2.8.0. */
export const transform = defineTransform<{ long_size: number }, null>({
  type: 'ResizeByLong',
  arguments: { long_size: integerFrom(1) },
  create: ({ long_size: long }) => ({
    draw: drawNothing,
    apply: (sample) =>
      scaleSample(rememberSize(sample, 'resize'), long / Math.max(sample.image.height, sample.image.width)),
    smallest: (size) => scaleSize(size, long / Math.max(size.height, size.width)),
  }),
});
