import type { FailureKind } from '../config/waivers.js';
import type { CaseResult, Measurement } from '../result/record/case-result.js';

/**
 * How a probe fails, by the worst of its runs; null if it does not fail. This is told from figures, never from text. A
 * probe without a finite figure is `not-finite`, so a waiver of an error never covers a NaN.
 */
export function failureOf(found: CaseResult, measurement: Measurement): FailureKind | null {
  if (measurement.verdict === 'missing') return 'missing';
  if (measurement.verdict !== 'fail' && measurement.own?.verdict !== 'fail') return null;
  const parts = [measurement, ownOf(measurement), shippedOf(found, measurement)].filter((part) => part !== null);
  const kinds = [...parts, ...spreadsOf(found, measurement)].map(kindOfFigures);
  return bySeverity.find((kind) => kinds.includes(kind)) ?? 'disagrees';
}

/** How far repeats are apart, of the graph with probes and of the one that users run. */
function spreadsOf({ shipped }: CaseResult, measurement: Measurement): Figures[] {
  const logits = shipped?.logits.name === measurement.name ? shipped.logits : null;
  return [measurement, logits].flatMap((of) =>
    of?.spread === undefined ? [] : [{ verdict: of.verdict, compared: of.compared, figures: of.spread.figures }],
  );
}

const bySeverity = ['missing', 'wrong-shape', 'not-finite'] as const;

type Figures = Pick<Measurement, 'verdict' | 'compared' | 'figures'>;

function kindOfFigures({ verdict, compared, figures }: Figures): FailureKind {
  if (verdict === 'missing') return 'missing';
  if (compared === 0) return 'wrong-shape';
  return figures.some(({ value, limit }) => limit !== null && value === null) ? 'not-finite' : 'disagrees';
}

function ownOf({ own, ...measurement }: Measurement): Figures | null {
  if (own === null || own.verdict !== 'fail') return null;
  return { ...measurement, figures: own.figures };
}

function shippedOf({ shipped }: CaseResult, { name }: Measurement): Figures | null {
  return name !== shipped?.logits.name || shipped.logits.verdict === 'pass' ? null : shipped.logits;
}
