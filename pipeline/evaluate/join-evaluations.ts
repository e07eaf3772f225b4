import type { Ranks } from '../ranks/ranks.js';
import type { ImageEvaluation } from './evaluate.js';

/** Which of `total` images a rank evaluates: every size-th, so that ranks end at about the same time. */
export function indicesOfRank(total: number, ranks: Pick<Ranks, 'rank' | 'size'> | null): number[] {
  const all = Array.from({ length: total }, (_, at) => at);
  return ranks === null ? all : all.filter((at) => at % ranks.size === ranks.rank);
}

/**
 * Confusion matrices of all images on every rank, in the data set's order. Throws an Error where one is missing or is
 * there twice.
 */
export function joinEvaluations(
  own: readonly ImageEvaluation[],
  total: number,
  classes: number,
  ranks: Ranks | null,
): ImageEvaluation[] {
  const cells = classes * classes;
  const counts = new Float64Array(total * cells);
  const times = new Float64Array(total);
  for (const { index, confusion } of own) {
    counts.set(confusion.counts, index * cells);
    times[index]! += 1;
  }
  ranks?.sumFloat64(counts);
  ranks?.sumFloat64(times);
  const wrong = times.findIndex((count) => count !== 1);
  if (wrong >= 0) throw new Error(`image ${wrong} of ${total} was evaluated ${times[wrong]} times`);
  return Array.from({ length: total }, (_, index) => ({
    index,
    confusion: { classes, counts: counts.slice(index * cells, (index + 1) * cells) },
  }));
}
