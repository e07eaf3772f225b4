import type { Bug } from '../bug.js';
import { withGroups } from '../with-groups.js';

export const bug: Bug = {
  what: 'weight decay on the norms, too',
  shows: [{ golden: 'segnext-t-train', first: /^params\/backbone\..*norm/, cause: 'parameter' }],
  training: withGroups((group) => ({ ...group, weight_decay_mult: 1 })),
};
