import { blameOf, type CaseResult, culpritOf, type Measurement, timesNoise } from '../result/record/case-result.js';
import { showFirstOwn } from './show-first-own.js';

/**
 * What one probe is in a report. `inherits`: wrong, but only because of what comes before it. The worst kinds come
 * first.
 */
export type Kind = 'faulty' | 'missing' | 'suspect' | 'inherits' | 'waived' | 'uninformative' | 'agrees';

export const kindsBySeverity: readonly Kind[] = [
  'faulty',
  'missing',
  'suspect',
  'inherits',
  'waived',
  'uninformative',
  'agrees',
];

export interface CaseSummary {
  readonly counts: Readonly<Record<Kind, number>>;
  /** Largest accumulated error over informative probes, in multiples of the noise. */
  readonly worst: Measurement | null;
  /** Largest own error, likewise. */
  readonly worstOwn: Measurement | null;
  /** The likely cause, or the first that fails. */
  readonly culprit: Measurement | null;
  /** By which error it was found. */
  readonly culpritBy: 'own' | 'accumulated';
  /** All that are at fault on their own. */
  readonly faulty: readonly Measurement[];
}

export function summariseCase(found: CaseResult): CaseSummary {
  const counts = { faulty: 0, missing: 0, suspect: 0, inherits: 0, waived: 0, uninformative: 0, agrees: 0 };
  for (const measurement of found.measurements) counts[kindOf(measurement)] += 1;
  const informative = showFirstOwn(found.measurements).filter(({ verdict }) => verdict !== 'uninformative');
  const name = culpritOf(found);
  const culprit = found.measurements.find((one) => one.name === name) ?? null;
  return {
    counts,
    worst: largest(informative, timesNoise),
    worstOwn: largest(informative, ({ own }) => timesNoise(own)),
    culprit,
    culpritBy: culprit?.own?.verdict === 'fail' ? 'own' : 'accumulated',
    faulty: found.measurements.filter((one) => kindOf(one) === 'faulty'),
  };
}

export function kindOf(measurement: Measurement): Kind {
  if (measurement.waived !== undefined) return 'waived';
  if (measurement.verdict === 'missing') return 'missing';
  const blame = blameOf(measurement);
  if (blame !== 'ok') return blame;
  return measurement.verdict === 'uninformative' ? 'uninformative' : 'agrees';
}

/** The first of the largest; where a figure is null, the probe has none and is passed over. */
function largest(
  measurements: readonly Measurement[],
  figureOf: (measurement: Measurement) => number | null,
): Measurement | null {
  let found: Measurement | null = null;
  let most = Number.NEGATIVE_INFINITY;
  for (const measurement of measurements) {
    const figure = figureOf(measurement);
    if (figure === null || !(figure > most)) continue;
    most = figure;
    found = measurement;
  }
  return found;
}
