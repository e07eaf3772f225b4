import type { Bug } from '../bug.js';

export const bug: Bug = {
  what: 'what DropPath keeps is not divided by the probability of keeping it',
  shows: [{ golden: 'segnext-t-train', first: /^loss\/0$/, cause: 'loss' }],
  operators: ({ training }) =>
    training === undefined
      ? {}
      : {
          training: {
            dropPath: (x, name, { call }) => training.dropPath(x, name, { rate: 0, call }),
            dropout2d: (x, name, options) => training.dropout2d(x, name, options),
          },
        },
};
