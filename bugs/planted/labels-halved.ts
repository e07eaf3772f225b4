import { resizeNearest } from '../../pipeline/image/resize-nearest.js';
import type { Bug } from '../bug.js';
import { countPixels } from '../count-pixels.js';

export const bug: Bug = {
  what: 'labels that went through half their size',
  shows: [{ golden: 'street', mode: 'single', first: /^single\/confusion$/ }],
  pipeline: {
    count({ truth, labels, confusion }) {
      const { height, width } = truth;
      const half = resizeNearest(truth, height / 2, width / 2);
      return countPixels(resizeNearest(half, height, width).data, labels, confusion);
    },
  },
};
