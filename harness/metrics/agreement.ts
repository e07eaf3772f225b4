import { type Kind, kindNamed } from '../kinds/index.js';
import type { Limits } from '../result.js';
import type { TensorError } from './tensor-error.js';

/** The parts of a golden probe that a judgement needs. */
export interface JudgedGolden {
  readonly noise: NoiseFigures;
  readonly informative: boolean;
  /** All elements, or the sampled ones. */
  readonly value: Float32Array;
  /** rms of the whole tensor. */
  readonly rms: number;
}

export interface NoiseFigures {
  readonly relRms: number;
  readonly maxOverRms: number;
}

export interface Agreement {
  /** Within the limits. For a probe that is not informative: within `uninformativeRatio`. */
  readonly agrees: boolean;
  /** Why it does not agree, or a remark; null if there is nothing to say. */
  readonly reason: string | null;
  /** As multiples of the noise that counts; null where not finite. */
  readonly noiseRatio: number | null;
  readonly maxRatio: number | null;
  /** Null where not finite. */
  readonly relRms: number | null;
  readonly maxOverRms: number | null;
}

/** What the kind allows of a tensor, in multiples of the noise. */
export function limitsOf({ limits }: Kind): Limits {
  const [rms, largest] = ['rms', 'largest'].map((name) => limits.find(({ figure }) => figure === name)!);
  return { noiseRatio: rms!.limit!, maxRatio: largest!.limit!, because: rms!.because! };
}

/** A probe that is not informative fails above this multiple of its noise (CONTRACT, section 3). */
export const uninformativeRatio = 64;

/**
 * If the rms of the whole tensor is more than this multiple of its sample's rms, the sample says little (CONTRACT,
 * section 3).
 */
const mostOverSample = 4;

/** Noise counts as at least half an ulp of float32, relative (CONTRACT, section 3). */
const minRelRms = 2 ** -24;
/** … and as one ulp of the golden's largest element. */
const minUlps = 2 ** -23;

/** The noise that counts: the bundle's, and at least the rounding that float32 cannot avoid. */
export function effectiveNoise(noise: NoiseFigures, error: Pick<TensorError, 'rms' | 'maxAbsExpected'>): NoiseFigures {
  const smallestMax = error.rms > 0 ? (minUlps * error.maxAbsExpected) / error.rms : 0;
  return {
    relRms: Math.max(noise.relRms, minRelRms),
    maxOverRms: Math.max(noise.maxOverRms, smallestMax),
  };
}

/**
 * Whether a wrong port could be told from a right one by this golden (CONTRACT, sections 1 and 3, "Not informative").
 */
export function isInformative(golden: JudgedGolden, kind: Kind): boolean {
  return explainUninformative(golden, kind) === null;
}

/** Why a golden says nothing about a port; null if it says something. */
export function explainUninformative({ informative, noise, value, rms }: JudgedGolden, kind: Kind): string | null {
  if (!informative) return 'the bundle says that it is not informative';
  if (!kind.isInformative(noise.relRms))
    return `its noise, ${noise.relRms} of its rms, is so large that an error as large as the golden itself could pass`;
  const sampleRms = rmsOf(value);
  if (sampleRms === 0) return 'its golden is zero everywhere';
  if (rms <= mostOverSample * sampleRms) return null;
  return `its rms, ${rms}, is more than ${mostOverSample} × that of its own sample, ${sampleRms}`;
}

/**
 * Whether a tensor agrees with its golden (CONTRACT, section 3). NaN, Inf and an empty comparison never do.
 * @param noise the golden's `noise`, or its `own_noise` for an own error
 * @param limits multiples of the noise; a suite's may be stricter than `limitsOf`
 */
export function judgeAgreement(
  error: TensorError,
  noise: NoiseFigures,
  limits: Pick<Limits, 'noiseRatio' | 'maxRatio'>,
): Agreement {
  const counted = effectiveNoise(noise, error);
  const figures = {
    relRms: finiteOrNull(error.relRms),
    maxOverRms: finiteOrNull(error.maxOverRms),
    noiseRatio: finiteOrNull(error.relRms / counted.relRms),
    maxRatio: finiteOrNull(ratio(error.maxOverRms, counted.maxOverRms)),
  };
  const fault = faultOf(error);
  if (fault !== null) return { agrees: false, reason: fault, ...figures };
  const rmsAgrees = error.relRms <= limits.noiseRatio * counted.relRms;
  const maxAgrees = error.maxOverRms <= limits.maxRatio * counted.maxOverRms;
  if (rmsAgrees && maxAgrees) return { agrees: true, reason: null, ...figures };
  const [what, times, limit] = rmsAgrees
    ? ['largest error', figures.maxRatio, limits.maxRatio]
    : ['error', figures.noiseRatio, limits.noiseRatio];
  return { agrees: false, reason: `${what} ${renderTimes(times)} the noise; at most ${limit} × is wanted`, ...figures };
}

/**
 * Judges a probe that is not informative. It fails only on NaN, Inf, nothing to compare, or above `uninformativeRatio`.
 */
export function judgeUninformative(error: TensorError, noise: NoiseFigures): Agreement {
  return judgeAgreement(error, noise, { noiseRatio: uninformativeRatio, maxRatio: uninformativeRatio });
}

/**
 * A loss agrees if |e| ≤ 8 × max(largest loss noise of the bundle, 2^-22 · |value|). A loss that is not informative has
 * 64 ×.
 * @param expected the golden value
 * @param largestNoise the largest loss noise of the bundle, absolute
 */
export function judgeLoss(actual: number, expected: number, largestNoise: number): Agreement {
  const ratio = isInformativeLoss(expected, largestNoise) ? limitOf('loss') : uninformativeRatio;
  return judgeScalar(actual, expected, lossNoise(expected, largestNoise), ratio);
}

/** Whether the limit of a loss lies below the loss itself. */
export function isInformativeLoss(expected: number, largestNoise: number): boolean {
  return kindNamed('loss').isInformative(lossNoise(expected, largestNoise) / Math.abs(expected));
}

function lossNoise(expected: number, largestNoise: number): number {
  return Math.max(largestNoise, 2 ** -22 * Math.abs(expected));
}

/** A learning rate agrees if |e| ≤ 1e-9 · |value|: it is computed in float64 on both sides. */
export function judgeLearningRate(actual: number, expected: number): Agreement {
  return judgeScalar(actual, expected, 1e-9 * Math.abs(expected), limitOf('rate'));
}

/** Of a kind that has one figure. */
function limitOf(kind: string): number {
  return kindNamed(kind).limits[0]!.limit!;
}

function judgeScalar(actual: number, expected: number, noise: number, limit: number): Agreement {
  const error = Math.abs(actual - expected);
  const relative = finiteOrNull(ratio(error, Math.abs(expected)));
  const times = finiteOrNull(ratio(error, noise));
  const figures = { relRms: relative, maxOverRms: relative, noiseRatio: times, maxRatio: times };
  if (!Number.isFinite(actual))
    return { agrees: false, reason: `it is ${actual}; a finite number is wanted`, ...figures };
  if (error <= limit * noise) return { agrees: true, reason: null, ...figures };
  return { agrees: false, reason: `it is ${actual}; ${expected} is wanted, within ${limit * noise}`, ...figures };
}

/** What no limit can excuse, or null. */
function faultOf(error: TensorError): string | null {
  if (error.compared === 0) return 'nothing was compared; at least one element is wanted';
  if (error.nonFinite > 0) {
    return `${error.nonFinite} of ${error.compared} elements are NaN or Inf; finite numbers are wanted`;
  }
  if ((error.rms === 0 || error.maxAbsExpected === 0) && error.maxAbsError !== 0) {
    return `the golden is zero everywhere and the error reaches ${error.maxAbsError}; exactly 0 is wanted`;
  }
  return null;
}

function rmsOf(value: Float32Array): number {
  let sum = 0;
  for (const element of value) sum += element * element;
  return Math.sqrt(sum / value.length);
}

/** 0 / 0 is 0: no error at no noise. */
function ratio(error: number, noise: number): number {
  return error === 0 && noise === 0 ? 0 : error / noise;
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function renderTimes(times: number | null): string {
  return times === null
    ? 'is beyond any multiple of'
    : `is ${times < 100 ? times.toFixed(1) : times.toExponential(1)} ×`;
}
