import type { Bug } from '../bug.js';

export const bug: Bug = {
  what: "the schedule with its own default end, 1e-4, in place of the configuration's",
  shows: [{ golden: 'segnext-t-train', first: /^lr\/2$/, cause: 'rate' }],
  training: ({ lrScheduler: { end_lr: _, ...lrScheduler }, ...request }) => ({ ...request, lrScheduler }),
};
