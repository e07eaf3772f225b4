import type { Result } from '../../harness/result/record/result.js';
import { noiseMultiples } from '../../harness/run/noise-multiples.js';

/** The figures of a stage, in multiples of the noise; null where there are none. */
export interface StageFigures {
  readonly own: number | null;
  readonly accumulated: number | null;
}

/** The worst of each. */
export function measureWorst({ cases }: Pick<Result, 'cases'>): StageFigures {
  const found = cases.flatMap(noiseMultiples);
  const worst = (figure: 'own' | 'accumulated') =>
    largest(found.flatMap((one) => (one.figure === figure && one.multiple !== null ? [one.multiple] : [])));
  return { own: worst('own'), accumulated: worst('accumulated') };
}

/**
 * By how much two runs of the same differ, at most, in multiples of the noise: by atomic additions and by the choice of
 * algorithms. Null where they have nothing in common.
 */
export function measureSpread(first: Pick<Result, 'cases'>, second: Pick<Result, 'cases'>): number | null {
  const keyed = ({ cases }: Pick<Result, 'cases'>) =>
    cases.flatMap((found) =>
      noiseMultiples(found).map(({ probe, figure, multiple }) => [`${found.id} ${probe} ${figure}`, multiple] as const),
    );
  const before = new Map(keyed(first));
  return largest(
    keyed(second).flatMap(([key, multiple]) => {
      const other = before.get(key);
      return multiple === null || other === null || other === undefined ? [] : [Math.abs(multiple - other)];
    }),
  );
}

function largest(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((a, b) => Math.max(a, b));
}
