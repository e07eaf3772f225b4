import { defineTransform } from '../augment/transform.js';
import { flipHorizontally } from '../image/flip.js';
import { numberWithin } from '../yml/arguments.js';

/** Turns image and label left to right, or leaves them. Source: RandomHorizontalFlip of PaddleSeg 2.8.0. */
export const transform = defineTransform<{ prob: number }, { readonly flip: boolean }>({
  type: 'RandomHorizontalFlip',
  arguments: { prob: numberWithin(0, 1, 0.5) },
  create: ({ prob }) => ({
    draw: (_, random) => ({ flip: random.uniform(0, 1) < prob }),
    apply(sample, { flip }) {
      if (!flip) return sample;
      return {
        ...sample,
        image: flipHorizontally(sample.image),
        label: sample.label && flipHorizontally(sample.label),
      };
    },
  }),
});
