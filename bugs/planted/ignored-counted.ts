import type { Bug } from '../bug.js';
import { countPixels } from '../count-pixels.js';

export const bug: Bug = {
  what: 'ignored pixels counted',
  shows: [{ golden: 'street', mode: 'single', first: /^single\/confusion$/ }],
  pipeline: {
    count: ({ truth, labels, confusion }) =>
      countPixels(
        truth.data.map((label) => (label === 255 ? 0 : label)),
        labels,
        confusion,
      ),
  },
};
