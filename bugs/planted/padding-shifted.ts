import type { Bug } from '../bug.js';

export const bug: Bug = {
  what: "the third patch embedding's padding is shifted by one pixel: none above and left, two below and right",
  shows: [{ golden: 'segnext-t', first: /^backbone\.patch_embed3\.proj$/ }],
  operators: (ops) => ({
    conv2d: (x, name, options) =>
      ops.conv2d(x, name, name === 'backbone.patch_embed3.proj' ? { ...options, padding: [0, 0, 2, 2] } : options),
  }),
};
