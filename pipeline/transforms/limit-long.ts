import { scaleSample, scaleSize } from '../augment/resize-sample.js';
import { rememberSize } from '../augment/sample.js';
import { defineTransform, drawNothing, type Size } from '../augment/transform.js';
import { argumentError, integerFrom, optional } from '../yml/arguments.js';

interface Values {
  readonly max_long: number | null;
  readonly min_long: number | null;
}

/**
 * Scales an image whose longer side is outside the limits so that it meets the nearer one. Source: LimitLong of
 * PaddleSeg 2.8.0.
 */
export const transform = defineTransform<Values, null>({
  type: 'LimitLong',
  arguments: { max_long: optional(integerFrom(1)), min_long: optional(integerFrom(1)) },
  create({ max_long: max, min_long: min }, section) {
    if (max !== null && min !== null && min > max)
      throw argumentError(section, 'min_long', `at most max_long, ${max},`);
    const scaleOf = ({ height, width }: Size) => {
      const long = Math.max(height, width);
      return Math.max(Math.min(long, max ?? long), min ?? 0) / long;
    };
    return {
      draw: drawNothing,
      apply(sample) {
        const remembered = rememberSize(sample, 'resize');
        const scale = scaleOf(sample.image);
        return scale === 1 ? remembered : scaleSample(remembered, scale);
      },
      smallest: (size) => scaleSize(size, scaleOf(size)),
    };
  },
});
