import type { Bug } from '../bug.js';
import { withNmf } from '../with-nmf.js';

export const bug: Bug = {
  what: 'six NMF steps in evaluation where the reference takes seven',
  shows: [{ golden: 'segnext-t', first: /^decode_head\.hamburger\.ham$/ }],
  model: (section) => withNmf(section, { EVAL_STEPS: 6 }),
};
