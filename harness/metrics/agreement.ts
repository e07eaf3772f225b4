import { rmsOfKept } from '../golden/valid-mask.js';
import { figuresOf, type Kind, type KindLimit, kindNamed, uninformativeLimits } from '../kinds/index.js';
import { type Figure, isWithin } from '../result/record/case-result.js';
import type { TensorError } from './tensor-error.js';

/** The parts of a golden probe that a judgement needs. */
export interface JudgedGolden {
  readonly noise: NoiseFigures;
  readonly informative: boolean;
  /** All elements, or the sampled ones. */
  readonly value: Float32Array;
  /** rms of the whole tensor. */
  readonly rms: number;
  /** Which elements of `value` count (`ValidMask`); absent or null: all. */
  readonly valid?: { readonly kept: Uint8Array } | null;
}

export interface NoiseFigures {
  readonly relRms: number;
  readonly maxOverRms: number;
}

export interface Agreement {
  /** Within the limits. For a probe that is not informative: within `uninformativeLimits`. */
  readonly agrees: boolean;
  /** Why it does not agree, or a remark; null if there is nothing to say. */
  readonly reason: string | null;
  /** Multiples of the noise that counts. */
  readonly figures: readonly Figure[];
  /** Null where not finite. */
  readonly relRms: number | null;
  readonly maxOverRms: number | null;
}

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
export function explainUninformative(golden: JudgedGolden, kind: Kind): string | null {
  const { informative, noise, value, rms, valid } = golden;
  if (keepsNothing(golden)) return 'its valid leaves out every element of its sample';
  if (!informative) return 'the bundle says that it is not informative';
  if (!kind.isInformative(noise.relRms))
    return `its noise, ${noise.relRms} of its rms, is so large that an error as large as the golden itself could pass`;
  const sampleRms = rmsOfKept(value, valid?.kept);
  if (sampleRms === 0) return 'its golden is zero everywhere';
  if (rms <= mostOverSample * sampleRms) return null;
  return `its rms, ${rms}, is more than ${mostOverSample} × that of its own sample, ${sampleRms}`;
}

/** Whether nothing that is stored counts: then nothing can be compared, and nothing can disagree. */
export function keepsNothing({ valid }: JudgedGolden): boolean {
  return valid?.kept.includes(1) === false;
}

/**
 * Whether a tensor agrees with its golden (CONTRACT, section 3). NaN, Inf and an empty comparison never do.
 * @param noise the golden's `noise`, or its `own_noise` for an own error
 * @param limits those of its kind, `rms` and `largest`; a suite's may be stricter
 */
export function judgeAgreement(error: TensorError, noise: NoiseFigures, limits: readonly KindLimit[]): Agreement {
  const counted = effectiveNoise(noise, error);
  const figures = figuresOf(
    { limits },
    { rms: error.relRms / counted.relRms, largest: ratio(error.maxOverRms, counted.maxOverRms) },
  );
  const errors = { relRms: finiteOrNull(error.relRms), maxOverRms: finiteOrNull(error.maxOverRms), figures };
  const fault = faultOf(error);
  if (fault !== null) return { agrees: false, reason: fault, ...errors };
  const beyond = figures.find((figure) => !isWithin({ figures: [figure] }));
  if (beyond === undefined) return { agrees: true, reason: null, ...errors };
  const { name, value, limit } = beyond;
  const what = name === 'largest' ? 'largest error' : 'error';
  return { agrees: false, reason: `${what} ${renderTimes(value)} the noise; at most ${limit} × is wanted`, ...errors };
}

/** Judges a probe that is not informative. It fails only on NaN, Inf, nothing to compare, or far above its noise. */
export function judgeUninformative(error: TensorError, noise: NoiseFigures, kind: Kind): Agreement {
  return judgeAgreement(error, noise, uninformativeLimits(kind));
}

/**
 * A loss agrees if |e| ≤ 8 × max(largest loss noise of the bundle, 2^-22 · |value|). A loss that is not informative has
 * 64 ×.
 * @param expected the golden value
 * @param largestNoise the largest loss noise of the bundle, absolute
 */
export function judgeLoss(actual: number, expected: number, largestNoise: number, kind = kindNamed('loss')): Agreement {
  const limits = isInformativeLoss(expected, largestNoise) ? kind.limits : uninformativeLimits(kind);
  return judgeScalar(actual, expected, lossNoise(expected, largestNoise), limits);
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
  return judgeScalar(actual, expected, 1e-9 * Math.abs(expected), kindNamed('rate').limits);
}

/** @param limits of a kind with one figure, `error` */
function judgeScalar(actual: number, expected: number, noise: number, limits: readonly KindLimit[]): Agreement {
  const error = Math.abs(actual - expected);
  const relative = finiteOrNull(ratio(error, Math.abs(expected)));
  const figures = figuresOf({ limits }, { error: ratio(error, noise) });
  const found = { relRms: relative, maxOverRms: relative, figures };
  if (!Number.isFinite(actual))
    return { agrees: false, reason: `it is ${actual}; a finite number is wanted`, ...found };
  if (isWithin(found)) return { agrees: true, reason: null, ...found };
  const within = limits[0]!.limit! * noise;
  return { agrees: false, reason: `it is ${actual}; ${expected} is wanted, within ${within}`, ...found };
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
