import { resizeSample } from '../augment/resize-sample.js';
import { rememberSize } from '../augment/sample.js';
import { defineTransform, drawNothing, type Size } from '../augment/transform.js';
import { roundHalfEven } from '../image/round-half-even.js';
import { argumentError, boolean, integerFrom, oneOf, optional, size } from '../yml/arguments.js';

/** What PaddleSeg takes for `interp`. */
const interpolations = ['NEAREST', 'LINEAR', 'CUBIC', 'AREA', 'LANCZOS4', 'RANDOM'] as const;

interface Values {
  readonly target_size: readonly [number, number];
  readonly keep_ratio: boolean;
  readonly size_divisor: number | null;
  readonly interp: (typeof interpolations)[number];
}

/**
 * Resizes to a size, or into it with the sides' ratio kept; then up to multiples of `size_divisor`.
 * Source: Resize and functional.rescale_size of PaddleSeg 2.8.0.
 * Differs: LINEAR and NEAREST alone; the label is always resized by its nearest pixels, there and here.
 */
export const transform = defineTransform<Values, null>({
  type: 'Resize',
  arguments: {
    target_size: size([512, 512]),
    keep_ratio: boolean(false),
    size_divisor: optional(integerFrom(1)),
    interp: oneOf(interpolations, 'LINEAR'),
  },
  create({ target_size: target, keep_ratio: keepRatio, size_divisor: divisor, interp }, section) {
    if (interp !== 'LINEAR' && interp !== 'NEAREST')
      throw argumentError(section, 'interp', 'LINEAR or NEAREST, the two that tipcheck computes as OpenCV does,');
    const smallest = (image: Size): Size => {
      const inside = keepRatio ? fitInside([image.width, image.height], target) : target;
      const [width, height] = inside.map((side) => (divisor === null ? side : Math.ceil(side / divisor) * divisor)) as [
        number,
        number,
      ];
      return { width, height };
    };
    return {
      draw: drawNothing,
      apply(sample) {
        const { width, height } = smallest(sample.image);
        return resizeSample(rememberSize(sample, 'resize'), height, width, interp);
      },
      smallest,
    };
  },
});

/** The largest size of the same ratio whose longer side fits the target's longer one, and the shorter its shorter. */
function fitInside(given: readonly [number, number], target: readonly [number, number]): [number, number] {
  const scale = Math.min(Math.max(...target) / Math.max(...given), Math.min(...target) / Math.min(...given));
  return [roundHalfEven(given[0] * scale), roundHalfEven(given[1] * scale)];
}
