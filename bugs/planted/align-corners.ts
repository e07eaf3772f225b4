import type { Bug } from '../bug.js';

export const bug: Bug = {
  what: 'bilinear resizing with the other align_corners',
  shows: [
    { golden: 'segnext-t', first: /^decode_head\.squeeze\._conv$/ },
    { golden: 'street', mode: 'single', first: /^single\/0\/logits$/ },
  ],
  operators: (ops) => ({
    resizeBilinear: (x, like, { alignCorners }) => ops.resizeBilinear(x, like, { alignCorners: !alignCorners }),
  }),
};
