import { kindOfProbe } from '../kinds/index.js';
import type { CaseResult, Measurement } from '../result.js';

/** One figure of a probe: by how many times the reference's own rounding it errs. */
export interface NoiseMultiple {
  readonly probe: string;
  readonly figure: NoiseFigure;
  /** Null where it is not finite, or nothing was compared. */
  readonly multiple: number | null;
}

/** Rms errors and largest single errors: accumulated up to the probe, or of the layer alone. */
export type NoiseFigure = 'accumulated' | 'largest' | 'own' | 'own largest' | 'as shipped' | 'as shipped, largest';

/**
 * Every multiple of the noise that a case has. A probe that is not informative has none, since its golden is itself
 * rounding.
 */
export function noiseMultiples({ phase, measurements, shipped }: CaseResult): NoiseMultiple[] {
  // Labels, confusion matrices and mIoUs are counted in pixels: their verdicts speak for them.
  const noisy = measurements.filter(({ name }) => kindOfProbe(phase, name).limits[0]!.unit === '× noise');
  return [...noisy.flatMap(multiplesOf), ...(shipped === null ? [] : shippedMultiples(shipped.logits))];
}

/** Whether a figure is of single elements, whose multiples scatter more. */
export function isLargest(figure: NoiseFigure): boolean {
  return figure.endsWith('largest');
}

function multiplesOf({ name: probe, verdict, noiseRatio, maxRatio, own, shape }: Measurement): NoiseMultiple[] {
  if (verdict === 'uninformative') return [];
  const found: NoiseMultiple[] = [{ probe, figure: 'accumulated', multiple: noiseRatio }];
  // Of a scalar both are one figure.
  if (shape.length > 0) found.push({ probe, figure: 'largest', multiple: maxRatio });
  if (own === null || own.verdict === 'reported') return found;
  return [
    ...found,
    { probe, figure: 'own', multiple: own.noiseRatio },
    { probe, figure: 'own largest', multiple: own.maxRatio },
  ];
}

function shippedMultiples({ name: probe, noiseRatio, maxRatio }: Measurement): NoiseMultiple[] {
  return [
    { probe, figure: 'as shipped', multiple: noiseRatio },
    { probe, figure: 'as shipped, largest', multiple: maxRatio },
  ];
}
