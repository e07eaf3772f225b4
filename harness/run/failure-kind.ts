import type { FailureKind } from '../config/waivers.js';
import { kindOfProbe } from '../kinds/index.js';
import type { CaseResult, Measurement } from '../result.js';

/**
 * How a probe fails, by the worst of its runs; null if it does not fail. This is told from figures, never from text. A
 * probe without a finite figure is `not-finite`, so a waiver of an error never covers a NaN.
 */
export function failureOf(found: CaseResult, measurement: Measurement): FailureKind | null {
  if (measurement.verdict === 'missing') return 'missing';
  if (measurement.verdict !== 'fail' && measurement.own?.verdict !== 'fail') return null;
  const parts = [measurement, ownOf(measurement), shippedOf(found, measurement)].filter((part) => part !== null);
  const kinds = parts.map((part) => kindOfFigures(found, part));
  return bySeverity.find((kind) => kinds.includes(kind)) ?? 'disagrees';
}

const bySeverity = ['missing', 'wrong-shape', 'not-finite'] as const;

type Figures = Pick<Measurement, 'name' | 'verdict' | 'compared' | 'noiseRatio' | 'maxRatio'>;

function kindOfFigures({ phase }: CaseResult, { name, verdict, compared, noiseRatio, maxRatio }: Figures): FailureKind {
  if (verdict === 'missing') return 'missing';
  if (compared === 0) return 'wrong-shape';
  // Labels, confusion matrices and mIoUs are counted in pixels, not in multiples of a noise.
  if (kindOfProbe(phase, name).limits[0]!.unit !== '× noise') return 'disagrees';
  return noiseRatio === null || maxRatio === null ? 'not-finite' : 'disagrees';
}

function ownOf({ own, ...measurement }: Measurement): Figures | null {
  if (own === null || own.verdict !== 'fail') return null;
  return { ...measurement, noiseRatio: own.noiseRatio, maxRatio: own.maxRatio };
}

function shippedOf({ shipped }: CaseResult, { name }: Measurement): Figures | null {
  return name !== 'logits' || shipped === null || shipped.logits.verdict === 'pass' ? null : shipped.logits;
}
