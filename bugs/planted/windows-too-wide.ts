import type { Bug } from '../bug.js';

export const bug: Bug = {
  what: 'windows that are a pixel too wide',
  shows: [{ golden: 'street', mode: 'slide', first: /^slide\/0\/logits$/ }],
  pipeline: {
    test: ({ windows, ...rest }) => ({
      ...rest,
      windows: { cropSize: [windows!.cropSize[0] + 1, windows!.cropSize[1]], stride: windows!.stride },
    }),
  },
};
