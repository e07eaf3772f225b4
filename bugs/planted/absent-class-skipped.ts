import { measureFigures } from '../../harness/metrics/eval-figures.js';
import type { Bug } from '../bug.js';

export const bug: Bug = {
  what: 'an absent class that is left out',
  shows: [{ golden: 'street', mode: 'single', first: /^single\/metrics$/ }],
  pipeline: { measure: (confusion) => measureFigures(confusion, 'skip') },
};
