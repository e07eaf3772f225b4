import type { Measurement } from '../result/record/case-result.js';

/**
 * Measurements as console and page show them: a probe that no complete one precedes reads the model's inputs alone, so
 * that its accumulated error is its own as well. In the result it has none, and its verdict is the same either way.
 */
export function showFirstOwn(measurements: readonly Measurement[]): readonly Measurement[] {
  const kind = measurements.find(({ own }) => own !== null)?.kind;
  const of = measurements.filter((one) => one.kind === kind);
  const end = of.findIndex(({ sampled, compared, own }) => own !== null || (!sampled && compared > 0));
  const first = new Set(of.slice(0, end + 1).filter(({ own, compared }) => own === null && compared > 0));
  return measurements.map((one) => {
    const { relRms, maxOverRms, figures, reason } = one;
    return first.has(one)
      ? { ...one, own: { kind: one.kind, relRms, maxOverRms, figures, verdict: 'reported' as const, reason } }
      : one;
  });
}
