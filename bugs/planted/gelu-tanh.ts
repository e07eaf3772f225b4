import type { Bug } from '../bug.js';

export const bug: Bug = {
  what: "GELU's tanh approximation in place of erf",
  shows: [{ golden: 'segnext-t', first: /^backbone\.patch_embed1\.proj\.2$/ }],
  operators: (ops) => ({ gelu: (x) => ops.gelu(x, { approximate: 'tanh' }) }),
};
