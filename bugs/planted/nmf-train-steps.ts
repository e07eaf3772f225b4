import type { Bug } from '../bug.js';
import { withNmf } from '../with-nmf.js';

export const bug: Bug = {
  what: 'seven NMF steps in training where the reference takes six',
  shows: [{ golden: 'segnext-t-train', first: /^loss\/0$/, cause: 'loss' }],
  model: (section) => withNmf(section, { TRAIN_STEPS: 7 }),
};
