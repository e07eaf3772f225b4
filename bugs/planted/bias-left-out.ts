import type { Bug } from '../bug.js';

export const bug: Bug = {
  what: 'one depthwise convolution (block2.1, conv0) without its bias',
  shows: [{ golden: 'segnext-t', first: /^backbone\.block2\.1\.attn\.spatial_gating_unit\.conv0$/ }],
  operators: (ops) => ({
    conv2d: (x, name, options) =>
      ops.conv2d(
        x,
        name,
        name === 'backbone.block2.1.attn.spatial_gating_unit.conv0' ? { ...options, bias: false } : options,
      ),
  }),
};
