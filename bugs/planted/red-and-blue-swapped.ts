import { inferImage } from '../../pipeline/infer/infer-image.js';
import type { Bug } from '../bug.js';

export const bug: Bug = {
  what: 'blue for red',
  shows: [{ golden: 'street', mode: 'single', first: /^single\/0\/logits$/ }],
  pipeline: {
    infer(network, image, ...rest) {
      const plane = image.height * image.width;
      const data = image.data.slice();
      data.copyWithin(0, 2 * plane, 3 * plane);
      data.set(image.data.subarray(0, plane), 2 * plane);
      return inferImage(network, { ...image, data }, ...rest);
    },
  },
};
