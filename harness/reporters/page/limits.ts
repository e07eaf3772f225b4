import type { Measured } from '../../result/record/case-result.js';
import type { BundleView } from './arrange.js';

/** A limit of the rms error, and the layers that have it, side by side. */
export interface LimitSpan {
  readonly limit: number;
  readonly first: number;
  readonly last: number;
}

/** The limit of what the chart shows of a layer; null where it has none. */
export function limitOf({ figures }: Pick<Measured, 'figures'>): number | null {
  return figures.find(({ unit }) => unit === '× noise')?.limit ?? null;
}

/** Limits along the layers, each case's once. What is not informative is held to none that a reader looks for. */
export function spansOf({ layers, cases }: BundleView): readonly LimitSpan[] {
  const spans = cases.flatMap((_, at) => {
    const limits = layers.flatMap(({ measurements }, layer) => {
      const found = measurements[at];
      const limit = found == null || found.verdict === 'uninformative' ? null : limitOf(found);
      return limit === null ? [] : [{ limit, layer }];
    });
    const starts = limits.filter(({ limit }, i) => i === 0 || limit !== limits[i - 1]!.limit);
    return starts.map(({ limit, layer }, i) => ({
      limit,
      first: i === 0 ? 0 : layer,
      last: (starts[i + 1]?.layer ?? layers.length) - 1,
    }));
  });
  return [...new Map(spans.map((span) => [Object.values(span).join(), span])).values()];
}
