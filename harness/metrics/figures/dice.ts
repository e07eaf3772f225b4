import { countPixels, shareOr0, sum } from '../confusion.js';
import type { EvalFigure } from '../eval-figures.js';

/** The mean over classes; an absent one counts 0. Source: dice of paddleseg/utils/metrics.py. */
export const figure: EvalFigure = {
  name: 'Dice',
  since: 1,
  rank: 4,
  measure(confusion) {
    const { hits, labels, predictions } = countPixels(confusion);
    const shares = hits.map((hit, at) => shareOr0(2 * hit, predictions[at]! + labels[at]!));
    return sum(shares) / shares.length;
  },
};
