import { defineTransform } from '../augment/transform.js';
import { flipVertically } from '../image/flip.js';
import { numberWithin } from '../yml/arguments.js';

/** Turns image and label upside down, or leaves them. Source: RandomVerticalFlip of PaddleSeg 2.8.0. */
export const transform = defineTransform<{ prob: number }, { readonly flip: boolean }>({
  type: 'RandomVerticalFlip',
  arguments: { prob: numberWithin(0, 1, 0.1) },
  create: ({ prob }) => ({
    draw: (_, random) => ({ flip: random.uniform(0, 1) < prob }),
    apply(sample, { flip }) {
      if (!flip) return sample;
      return { ...sample, image: flipVertically(sample.image), label: sample.label && flipVertically(sample.label) };
    },
  }),
});
