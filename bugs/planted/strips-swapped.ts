import type { Bug } from '../bug.js';

export const bug: Bug = {
  what: 'k×1 strip convolutions run where 1×k ones belong, and the other way round',
  shows: [{ golden: 'segnext-t', first: /^backbone\.block1\.0\.attn\.spatial_gating_unit\.dwconvs\.0\.conv1_1$/ }],
  operators: (ops) => ({
    conv2d: (x, name, options) => {
      const other = name.replace(/(\.conv\d_)([12])$/, (_, stem, which) => `${stem}${which === '1' ? 2 : 1}`);
      if (other === name) return ops.conv2d(x, name, options);
      const [vertical, horizontal] = options.padding;
      return ops.conv2d(x, other, { ...options, padding: [horizontal, vertical] });
    },
  }),
};
