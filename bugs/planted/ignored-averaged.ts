import type { Bug } from '../bug.js';

export const bug: Bug = {
  what: 'the loss is averaged over all pixels, the ignored ones too',
  shows: [{ golden: 'segnext-t-train', first: /^loss\/0$/, cause: 'loss' }],
  training: (request) => ({
    ...request,
    loss: { types: [{ type: 'CrossEntropyLoss', avg_non_ignore: false }], coef: [1] },
  }),
};
