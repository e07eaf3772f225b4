import type { Noise } from '../golden/bundle.js';
import type { Limits } from '../result.js';
import type { TensorError } from './tensor-error.js';

/** How many times the reference's own noise a port may err (CONTRACT, section 3). */
export interface NoiseFactors {
  readonly relRms: number;
  readonly maxOverRms: number;
}

export type ProbeKind = 'infer' | 'grads' | 'params' | 'buffers';

export const contractFactors: Readonly<Record<ProbeKind, NoiseFactors>> = {
  infer: { relRms: 4, maxOverRms: 8 },
  grads: { relRms: 8, maxOverRms: 16 },
  buffers: { relRms: 8, maxOverRms: 16 },
  // One element with |g| near 1e-8 moves a parameter's figure through AdamW.
  params: { relRms: 16, maxOverRms: 32 },
};

/** A probe that is not informative fails only far beyond its noise. */
export const uninformativeFactors: NoiseFactors = { relRms: 64, maxOverRms: 64 };

export const contractLimits: Limits = {
  noiseRatio: contractFactors.infer.relRms,
  maxRatio: contractFactors.infer.maxOverRms,
  because: "CONTRACT section 3: honest ports stay below 1.7 times the reference's own float32 noise on inference",
};

/** What was measured, as multiples of the noise that counts, and whether it agrees. */
export interface Agreement {
  readonly agrees: boolean;
  readonly noiseRatio: number;
  readonly maxRatio: number;
  /** What is beyond which limit, or null. */
  readonly reason: string | null;
}

/**
 * The noise that counts: at least half an ulp of float32, 2⁻²⁴, for `relRms`, and one ulp of the largest golden, 2⁻²³, for
 * `maxOverRms`: no float32 result can be asked to be nearer than that.
 */
export function effectiveNoise(noise: Noise, golden: { readonly rms: number; readonly maxAbs: number }): Noise {
  const { rms, maxAbs } = golden;
  return {
    relRms: Math.max(noise.relRms, 2 ** -24),
    maxOverRms: rms === 0 ? noise.maxOverRms : Math.max(noise.maxOverRms, (2 ** -23 * maxAbs) / rms),
  };
}

/** Every comparison is `error <= limit`, so that NaN never agrees. */
export function judgeAgreement(error: TensorError, noise: Noise, rms: number, factors: NoiseFactors): Agreement {
  if (error.compared === 0) return disagreement('nothing was compared');
  if (error.nonFinite > 0)
    return disagreement(`${error.nonFinite} of ${error.compared} compared elements are NaN or Inf`);
  if (rms === 0) {
    const exact = error.maxOverRms === 0;
    return exact
      ? { agrees: true, noiseRatio: 0, maxRatio: 0, reason: null }
      : disagreement('the golden is 0 everywhere and must be met exactly');
  }
  const counted = effectiveNoise(noise, { rms, maxAbs: error.maxAbsGolden });
  const noiseRatio = error.relRms / counted.relRms;
  const maxRatio = error.maxOverRms / counted.maxOverRms;
  const rmsAgrees = error.relRms <= factors.relRms * counted.relRms;
  const maxAgrees = error.maxOverRms <= factors.maxOverRms * counted.maxOverRms;
  return {
    agrees: rmsAgrees && maxAgrees,
    noiseRatio,
    maxRatio,
    reason: reasonOf(rmsAgrees, maxAgrees, noiseRatio, maxRatio, factors),
  };
}

/** |actual − value| ≤ 8 × max(largest loss noise of the bundle, 2⁻²² · |value|). */
export function judgeLoss(actual: number, value: number, largestNoise: number): Agreement {
  const counted = Math.max(largestNoise, 2 ** -22 * Math.abs(value));
  return judgeScalar(actual, value, counted, 8);
}

/** |actual − value| ≤ 1e-9 · |value|. */
export function judgeLearningRate(actual: number, value: number): Agreement {
  return judgeScalar(actual, value, 1e-9 * Math.abs(value), 1);
}

function judgeScalar(actual: number, value: number, counted: number, factor: number): Agreement {
  const error = Math.abs(actual - value);
  const agrees = error <= factor * counted;
  const ratio = error === 0 ? 0 : error / counted;
  return {
    agrees,
    noiseRatio: ratio,
    maxRatio: ratio,
    reason: agrees ? null : `it is ${actual} and ${value} is wanted`,
  };
}

function disagreement(reason: string): Agreement {
  return { agrees: false, noiseRatio: Number.NaN, maxRatio: Number.NaN, reason };
}

function reasonOf(
  rmsAgrees: boolean,
  maxAgrees: boolean,
  noiseRatio: number,
  maxRatio: number,
  factors: NoiseFactors,
): string | null {
  const reasons: string[] = [];
  if (!rmsAgrees)
    reasons.push(`its rms error is ${digits(noiseRatio)} × the noise, at most ${factors.relRms} × is wanted`);
  if (!maxAgrees)
    reasons.push(`its largest error is ${digits(maxRatio)} × the noise, at most ${factors.maxOverRms} × is wanted`);
  return reasons.length === 0 ? null : reasons.join('; ');
}

function digits(value: number): string {
  return Number.isFinite(value) ? Number(value.toPrecision(3)).toString() : String(value);
}
