import { UserError } from '../../harness/support/errors.js';
import { rememberSize } from '../augment/sample.js';
import { defineTransform, drawNothing } from '../augment/transform.js';
import { padBottomRight } from '../image/pad.js';
import { byte, number, size } from '../yml/arguments.js';

interface Values {
  readonly target_size: readonly [number, number];
  readonly im_padding_value: number;
  readonly label_padding_value: number;
}

/** Pads below and to the right up to a size. Source: Padding of PaddleSeg 2.8.0. */
export const transform = defineTransform<Values, null>({
  type: 'Padding',
  arguments: { target_size: size(), im_padding_value: number(127.5), label_padding_value: byte(255) },
  create: ({ target_size: [width, height], im_padding_value, label_padding_value }) => ({
    draw: drawNothing,
    apply(sample) {
      const { image, label } = sample;
      if (image.width > width || image.height > height)
        throw new UserError(
          `Cannot pad an image to ${width}×${height}: it is ${image.width}×${image.height}; no larger one is wanted`,
        );
      return {
        ...rememberSize(sample, 'padding'),
        image: padBottomRight(image, height, width, im_padding_value),
        label: label && padBottomRight(label, height, width, label_padding_value),
      };
    },
    smallest: () => ({ width, height }),
    labelPadding: (size) => (size.width < width || size.height < height ? label_padding_value : null),
  }),
});
