import type { RandomSource } from '../augment/random-source.js';
import { defineTransform } from '../augment/transform.js';
import {
  type ByteImage,
  enhanceBrightness,
  enhanceContrast,
  enhanceSaturation,
  enhanceSharpness,
} from '../image/enhance.js';
import { shiftHue } from '../image/shift-hue.js';
import { numberWithin } from '../yml/arguments.js';

const operations = {
  brightness: enhanceBrightness,
  contrast: enhanceContrast,
  saturation: enhanceSaturation,
  sharpness: enhanceSharpness,
  hue: shiftHue,
} satisfies Record<string, (image: ByteImage, amount: number) => ByteImage>;

type Operation = keyof typeof operations;
type Values = Readonly<Record<`${Operation}_${'range' | 'prob'}`, number>>;

/** The operations that take place, in their order. */
interface Draws {
  readonly steps: readonly { readonly operation: Operation; readonly amount: number }[];
}

/**
 * Moves brightness, contrast, saturation, sharpness and hue of an RGB image of 0..255, in random order, each with its
 * probability, by an amount of 1 ± range (hue: ± range, of 256 for the circle). A grey image has no hue to move.
 * The image's fractions are dropped first, even where nothing takes place: padding of 127.5 becomes 127.
 *
 * Source: RandomDistort of PaddleSeg 2.8.0, whose operations are Pillow's.
 */
export const transform = defineTransform<Values, Draws>({
  type: 'RandomDistort',
  arguments: {
    brightness_range: range(0.5),
    brightness_prob: numberWithin(0, 1, 0.5),
    contrast_range: range(0.5),
    contrast_prob: numberWithin(0, 1, 0.5),
    saturation_range: range(0.5),
    saturation_prob: numberWithin(0, 1, 0.5),
    hue_range: range(18),
    hue_prob: numberWithin(0, 1, 0.5),
    sharpness_range: range(0.5),
    sharpness_prob: numberWithin(0, 1, 0),
  },
  create: (values) => ({
    draw(sample, random) {
      const order = shuffleOperations(sample.image.channels, random);
      const drawn = order.map((operation) => ({
        operation,
        happens: random.uniform(0, 1) < values[`${operation}_prob`],
        amount: drawAmount(operation, values[`${operation}_range`], random),
      }));
      return { steps: drawn.filter(({ happens }) => happens) };
    },
    apply(sample, { steps }) {
      let image: ByteImage = { ...sample.image, data: new Uint8Array(sample.image.data) };
      for (const { operation, amount } of steps) image = operations[operation](image, amount);
      return { ...sample, image: { ...image, data: new Float32Array(image.data) } };
    },
  }),
});

function range(fallback: number) {
  return numberWithin(0, Number.MAX_VALUE, fallback);
}

function shuffleOperations(channels: number, random: RandomSource): Operation[] {
  const order = (Object.keys(operations) as Operation[]).filter((name) => name !== 'hue' || channels === 3);
  for (let i = order.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

function drawAmount(operation: Operation, half: number, random: RandomSource): number {
  const middle = operation === 'hue' ? 0 : 1;
  return random.uniform(middle - half, middle + half);
}
