import type { Bug } from '../bug.js';

export const bug: Bug = {
  what: 'layer norms add 1e-5 to the variance where the reference adds 1e-6',
  shows: [{ golden: 'van-stress', first: /^backbone\.norm1$|^norm1$/ }],
  operators: (ops) => ({ layerNorm: (x, name) => ops.layerNorm(x, name, { epsilon: 1e-5 }) }),
};
