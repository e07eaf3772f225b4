import { kindNamed } from '../kinds/index.js';
import { judgeAgreement } from './agreement.js';
import { measureTensorError } from './tensor-error.js';

type Measure = typeof measureTensorError;
type Judge = typeof judgeAgreement;

/**
 * Runs before every verdict, in a few milliseconds: plants errors that a comparator may never pass, and an agreement
 * that it must pass. A judge that fails this judges nothing.
 * @throws Error that names what was judged wrongly
 */
export function runComparatorSelfTest(measure: Measure = measureTensorError, judge: Judge = judgeAgreement): void {
  const golden = Float32Array.from({ length: height * width }, (_, i) => Math.sin(i * 1.7) + 2);
  const agrees = (actual: Float32Array, expected: Float32Array, rms: number | null) =>
    judge(measure(actual, expected, rms), noise, kindNamed('forward').limits).agrees;

  for (const [name, actual, expected, rms] of planted(golden)) {
    if (agrees(actual, expected, rms)) {
      throw new Error(`Cannot judge: the comparator passes ${name}; it must fail it. Fix: do not trust this build`);
    }
  }
  for (const [name, actual, expected, rms] of honest(golden)) {
    if (!agrees(actual, expected, rms)) {
      throw new Error(`Cannot judge: the comparator fails ${name}; it must pass it. Fix: do not trust this build`);
    }
  }
}

const height = 12;
const width = 16;
/** As large as a layer's accumulated noise is in fixtures. */
const noise = { relRms: 1e-6, maxOverRms: 1e-5 };

type Case = readonly [name: string, actual: Float32Array, expected: Float32Array, rms: number | null];

function planted(golden: Float32Array): readonly Case[] {
  const zeros = new Float32Array(golden.length);
  const infinite = replaced(golden, 3, Number.POSITIVE_INFINITY);
  return [
    ['NaN', replaced(golden, 7, Number.NaN), golden, null],
    ['only NaN', zeros.map(() => Number.NaN), golden, null],
    ['NaN where the golden is NaN', replaced(golden, 7, Number.NaN), replaced(golden, 7, Number.NaN), null],
    ['Inf for a finite number', infinite, golden, null],
    ['a finite number for Inf', golden, infinite, null],
    ['Inf where the golden is Inf', infinite, infinite, null],
    ['zeros', zeros, golden, null],
    ['a constant', zeros.map(() => 2), golden, null],
    ['nothing', new Float32Array(0), new Float32Array(0), null],
    ['nothing with an rms', new Float32Array(0), new Float32Array(0), 1],
    ['a permutation', Float32Array.from(golden).reverse(), golden, null],
    ['a transposition', transposed(golden), golden, null],
    ['one element off', replaced(golden, 5, golden[5]! + 1e-3), golden, null],
    ['a shift of all by ten times the noise', golden.map((value) => value * (1 + 1e-5)), golden, null],
    ['something for an all-zero golden', replaced(zeros, 0, 1e-30), zeros, null],
    ['a denormal for an all-zero golden of known rms', replaced(zeros, 0, 1e-45), zeros, 0],
    ['an rms that is NaN', golden, golden, Number.NaN],
  ];
}

function honest(golden: Float32Array): readonly Case[] {
  const zeros = new Float32Array(golden.length);
  return [
    ['the golden itself', golden, golden, null],
    ['an error of one noise', golden.map((value, i) => value * (1 + (i % 2 === 0 ? 1e-6 : -1e-6))), golden, null],
    ['zeros for zeros', zeros, zeros, null],
    ['minus zero for zero', zeros.map(() => -0), zeros, 0],
  ];
}

function replaced(values: Float32Array, at: number, value: number): Float32Array {
  const copy = Float32Array.from(values);
  copy[at] = value;
  return copy;
}

function transposed(values: Float32Array): Float32Array {
  return values.map((_, i) => values[(i % height) * width + Math.floor(i / height)]!);
}
