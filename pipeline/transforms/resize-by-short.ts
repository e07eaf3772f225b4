import { scaleSample, scaleSize } from '../augment/resize-sample.js';
import { rememberSize } from '../augment/sample.js';
import { defineTransform, drawNothing, type Size } from '../augment/transform.js';
import { integerFrom, numberAbove } from '../yml/arguments.js';

interface Values {
  readonly short_size: number;
  readonly max_size: number;
}

/**
 * Scales the shorter side to `short_size`, or to less where the longer one would exceed `max_size`.
 *
 * Source: ResizeByShort of PaddleSeg 2.8.0.
 * Differs: there an image that exceeds `max_size` lowers `short_size` for every image after it; here each is by itself.
 * A list of short sizes is refused: PaddleSeg draws one of it when it starts, for all images.
 */
export const transform = defineTransform<Values, null>({
  type: 'ResizeByShort',
  arguments: { short_size: integerFrom(1), max_size: numberAbove(0, 1e10) },
  create({ short_size: short, max_size: limit }) {
    const scaleOf = ({ height, width }: Size) => {
      const smaller = Math.min(height, width);
      const larger = Math.max(height, width);
      const wanted = (short / smaller) * larger > limit ? Math.trunc((limit / larger) * smaller) : short;
      return wanted / smaller;
    };
    return {
      draw: drawNothing,
      apply: (sample) => scaleSample(rememberSize(sample, 'resize'), scaleOf(sample.image)),
      smallest: (size) => scaleSize(size, scaleOf(size)),
    };
  },
});
