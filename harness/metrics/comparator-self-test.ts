import { contractFactors, judgeAgreement } from './agreement.js';
import { measureTensorError } from './tensor-error.js';

/**
 * Shows, before every verdict, that the comparator still tells wrong from right: NaN, Inf, zeros, a constant, a permutation,
 * another scale and nothing at all never agree, and the golden itself does. Throws an Error that names the case; takes
 * well under a millisecond.
 */
export function runComparatorSelfTest(agrees: Comparator = agreesByContract): void {
  const golden = Float32Array.from({ length: 64 }, (_, i) => Math.sin(i + 1));
  if (!agrees(golden.slice(), golden)) throw new Error(failure('the golden itself', 'disagrees'));
  for (const [name, actual] of Object.entries(wrongOnes(golden))) {
    if (agrees(actual, actual.length === 0 ? actual : golden)) throw new Error(failure(name, 'agrees'));
  }
}

export type Comparator = (actual: Float32Array, golden: Float32Array) => boolean;

function wrongOnes(golden: Float32Array): Record<string, Float32Array> {
  const withFirst = (value: number) => golden.map((expected, i) => (i === 0 ? value : expected));
  return {
    'one NaN': withFirst(Number.NaN),
    'all NaN': golden.map(() => Number.NaN),
    'one Inf': withFirst(Number.POSITIVE_INFINITY),
    'one -Inf': withFirst(Number.NEGATIVE_INFINITY),
    zeros: new Float32Array(golden.length),
    'a constant': golden.map(() => 1),
    'a permutation': golden.slice().reverse(),
    'the opposite sign': golden.map((expected) => -expected),
    'one part in ten thousand': golden.map((expected) => expected * 1.0001),
    nothing: new Float32Array(0),
  };
}

function agreesByContract(actual: Float32Array, golden: Float32Array): boolean {
  const rms = Math.sqrt(golden.reduce((sum, value) => sum + value * value, 0) / Math.max(golden.length, 1));
  const error = measureTensorError(actual, golden, rms);
  return judgeAgreement(error, { relRms: 1e-7, maxOverRms: 1e-6 }, rms, contractFactors.infer).agrees;
}

function failure(name: string, what: string): string {
  return `Cannot judge anything: the comparator is broken, for ${name} ${what} with the golden in its self-test`;
}
