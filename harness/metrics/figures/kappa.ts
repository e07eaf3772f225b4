import { countPixels, sum } from '../confusion.js';
import type { EvalFigure } from '../eval-figures.js';

/** What of the agreement is not chance. Source: kappa of paddleseg/utils/metrics.py. */
export const figure: EvalFigure = {
  name: 'Kappa',
  since: 1,
  rank: 3,
  measure(confusion) {
    const { hits, labels, predictions } = countPixels(confusion);
    const total = sum(labels);
    const chance = sum(predictions.map((count, at) => count * labels[at]!)) / (total * total);
    return (sum(hits) / total - chance) / (1 - chance);
  },
};
