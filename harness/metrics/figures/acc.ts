import { countPixels, sum } from '../confusion.js';
import type { EvalFigure } from '../eval-figures.js';

/** The share of pixels that have their label's class. Source: accuracy of paddleseg/utils/metrics.py. */
export const figure: EvalFigure = {
  name: 'Acc',
  since: 1,
  rank: 2,
  measure(confusion) {
    const { hits, predictions } = countPixels(confusion);
    return sum(hits) / sum(predictions);
  },
};
