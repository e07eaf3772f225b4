import type { Bug } from '../bug.js';
import { withGroups } from '../with-groups.js';

export const bug: Bug = {
  what: "the head without its learning rate's multiplier",
  // What the first update makes wrong shows in the second loss already.
  shows: [{ golden: 'segnext-t-train', first: /^loss\/1$/, cause: 'later-loss' }],
  training: withGroups((group) => ({ ...group, lr_mult: 1 })),
};
