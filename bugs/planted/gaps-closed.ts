import type { Bug } from '../bug.js';

export const bug: Bug = {
  what: 'the large kernel has no gaps between its taps where the reference has two',
  shows: [{ golden: 'van-b0', first: /^block1\.0\.attn\.spatial_gating_unit\.conv_spatial$/ }],
  operators: (ops) => ({
    conv2d(x, name, options) {
      if (options.dilation === undefined || Math.max(...options.dilation) === 1) return ops.conv2d(x, name, options);
      // 7×7, and the size stays.
      return ops.conv2d(x, name, { ...options, dilation: [1, 1], padding: [3, 3] });
    },
  }),
};
