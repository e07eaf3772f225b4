import type { Bug } from '../bug.js';

export const bug: Bug = {
  what: 'Adam with the decay in the gradient in place of AdamW',
  // What the first update makes wrong shows in the second loss already.
  shows: [{ golden: 'segnext-t-train', first: /^loss\/1$/, cause: 'later-loss' }],
  training: (request) => ({ ...request, optimizer: { ...request.optimizer, type: 'Adam' } }),
};
