import type { Bug } from '../bug.js';

export const bug: Bug = {
  what: 'batch norms add 1e-6 to the variance where the reference adds 1e-5',
  shows: [{ golden: 'segnext-t', first: /^backbone\.patch_embed1\.proj\.1$/ }],
  operators: (ops) => ({ batchNorm: (x, name) => ops.batchNorm(x, name, { epsilon: 1e-6 }) }),
};
