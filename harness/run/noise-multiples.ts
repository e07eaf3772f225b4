import type { CaseResult, Measured, Measurement } from '../result/record/case-result.js';

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
export function noiseMultiples({ measurements, shipped }: CaseResult): NoiseMultiple[] {
  return [
    ...measurements.filter(({ verdict }) => verdict !== 'uninformative').flatMap(multiplesOf),
    ...(shipped === null
      ? []
      : multiplesIn(shipped.logits, shipped.logits.name, ['as shipped', 'as shipped, largest'])),
  ];
}

/** Whether a figure is of single elements, whose multiples scatter more. */
export function isLargest(figure: NoiseFigure): boolean {
  return figure.endsWith('largest');
}

function multiplesOf(measurement: Measurement): NoiseMultiple[] {
  const { name, own } = measurement;
  return [
    ...multiplesIn(measurement, name, ['accumulated', 'largest']),
    ...(own === null || own.verdict === 'reported' ? [] : multiplesIn(own, name, ['own', 'own largest'])),
  ];
}

/**
 * The rms error first; a scalar has that alone. Labels, confusion matrices and mIoUs are counted otherwise: their
 * verdicts speak.
 */
function multiplesIn({ figures }: Measured, probe: string, names: readonly NoiseFigure[]): NoiseMultiple[] {
  return figures
    .filter(({ unit }) => unit === '× noise')
    .map(({ value }, at) => ({ probe, figure: names[at]!, multiple: value }));
}
