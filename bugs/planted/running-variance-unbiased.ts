import type { Bug } from '../bug.js';

export const bug: Bug = {
  what: 'the running variance is the unbiased one, as PyTorch keeps it',
  shows: [{ golden: 'segnext-t-train', first: /^buffers\/.*\._variance$/, cause: 'buffer' }],
  operators: (ops) => ({
    batchNorm: (x, name, { epsilon }) => ops.batchNorm(x, name, { epsilon, runningVariance: 'unbiased' }),
  }),
};
