import t from 'tap';
import { uniform } from '../golden/seeded.js';
import { kindNamed } from '../kinds/index.js';
import { timesNoise } from '../result/record/case-result.js';
import {
  effectiveNoise,
  isInformative,
  judgeAgreement,
  judgeLearningRate,
  judgeLoss,
  judgeUninformative,
} from './agreement.js';
import { measureTensorError } from './tensor-error.js';

const noise = { relRms: 1e-6, maxOverRms: 1e-5 };
const golden = Float32Array.from({ length: 1000 }, (_, i) => 1 + Math.sin(i));
const judge = (actual: Float32Array, expected = golden, kind = 'forward') =>
  judgeAgreement(measureTensorError(actual, expected, null), noise, kindNamed(kind).limits);

t.test('noise counts as at least 2^-24, and 2^-23 of the largest golden', async (t) => {
  const floors = effectiveNoise({ relRms: 0, maxOverRms: 0 }, { rms: 2, maxAbsExpected: 10 });
  t.same(floors, { relRms: 2 ** -24, maxOverRms: (2 ** -23 * 10) / 2 });
  t.same(effectiveNoise(noise, { rms: 2, maxAbsExpected: 10 }), noise);
});

t.test('an error at the limit agrees, one just above does not, for each kind', async (t) => {
  for (const kind of ['forward', 'own', 'gradient', 'parameter', 'buffer', 'averaged-logits']) {
    const [noiseRatio, maxRatio] = kindNamed(kind).limits.map(({ limit }) => limit!) as [number, number];
    const figures = { ...measureTensorError(golden, golden, 1), rms: 1 };
    const at = (relRms: number, maxOverRms: number) =>
      judgeAgreement({ ...figures, relRms, maxOverRms }, noise, kindNamed(kind).limits).agrees;
    t.ok(at(noiseRatio * 1e-6, maxRatio * 1e-5), kind);
    t.notOk(at(noiseRatio * 1e-6 * (1 + 1e-12), 0), kind);
    t.notOk(at(0, maxRatio * 1e-5 * (1 + 1e-12)), kind);
    t.notOk(at(Number.NaN, 0), kind);
    t.notOk(at(0, Number.NaN), kind);
  }
});

t.test('a disagreement says how far, and what is wanted', async (t) => {
  const scaled = judge(golden.map((value) => value * (1 + 1e-5)));
  t.notOk(scaled.agrees);
  t.match(scaled.reason, /^error is 1\d\.\d × the noise; at most 4 × is wanted$/);
  const spike = judge(golden.map((value, i) => (i === 3 ? value + 2e-4 : value)));
  t.match(spike.reason, /the noise; at most \d × is wanted$/);
});

t.test('what no limit excuses is said in words', async (t) => {
  t.match(judge(golden.map((value, i) => (i < 3 ? Number.NaN : value))), {
    agrees: false,
    figures: [{ value: null }, { value: null }],
    relRms: null,
    reason: '3 of 1000 elements are NaN or Inf; finite numbers are wanted',
  });
  t.match(judge(new Float32Array(0), new Float32Array(0)), {
    agrees: false,
    reason: 'nothing was compared; at least one element is wanted',
  });
  t.match(judgeLoss(Number.NaN, 1, 1), { agrees: false, reason: 'it is NaN; a finite number is wanted' });
});

t.test('an rms of 0 wants exactly 0', async (t) => {
  const zeros = new Float32Array(4);
  const at0 = (actual: Float32Array) =>
    judgeAgreement(measureTensorError(actual, zeros, 0), noise, kindNamed('forward').limits);
  t.ok(at0(Float32Array.of(0, -0, 0, 0)).agrees);
  t.equal(timesNoise(at0(Float32Array.of(0, -0, 0, 0))), 0);
  t.notOk(at0(Float32Array.of(0, 1e-45, 0, 0)).agrees);
  t.match(
    at0(Float32Array.of(0, 1, 0, 0)).reason,
    /^the golden is zero everywhere and the error reaches 1; exactly 0 is wanted$/,
  );
});

t.test('a probe that is not informative fails on NaN, Inf, nothing, or above 64 × its noise only', async (t) => {
  const uninformative = (actual: Float32Array, expected = golden) =>
    judgeUninformative(measureTensorError(actual, expected, null), noise, kindNamed('forward')).agrees;
  t.ok(uninformative(golden.map((value) => value * (1 + 3e-5))));
  t.notOk(uninformative(golden.map((value) => value * (1 + 1e-4))));
  t.notOk(uninformative(golden.map(() => Number.NaN)));
  t.notOk(uninformative(golden.map((value, i) => (i === 0 ? Number.POSITIVE_INFINITY : value))));
  t.notOk(uninformative(new Float32Array(0), new Float32Array(0)));
});

t.test(
  'a gradient is not informative from a noise of a tenth, another probe from where its limit reaches the golden',
  async (t) => {
    const noisy = { noise: { relRms: 0.1, maxOverRms: 1 }, informative: true, value: golden, rms: 1 };
    t.notOk(isInformative(noisy, kindNamed('gradient')));
    t.notOk(isInformative(noisy, kindNamed('parameter')));
    t.ok(isInformative(noisy, kindNamed('buffer')));
    t.ok(isInformative({ ...noisy, noise: { relRms: 0.0999, maxOverRms: 1 } }, kindNamed('gradient')));
    t.notOk(isInformative({ ...noisy, informative: false }, kindNamed('forward')));
  },
);

t.test('a loss agrees within 8 × the largest noise, or 2^-22 of its value', async (t) => {
  t.ok(judgeLoss(2 + 8e-6, 2, 1.0000001e-6).agrees);
  t.notOk(judgeLoss(2 + 8.1e-6, 2, 1e-6).agrees);
  t.ok(judgeLoss(2 + 8 * 2 ** -21, 2, 0).agrees);
  t.notOk(judgeLoss(2 + 8.01 * 2 ** -21, 2, 0).agrees);
  t.ok(judgeLoss(0, 0, 0).agrees);
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) t.notOk(judgeLoss(bad, 2, 1).agrees);
  t.match(judgeLoss(3, 2, 1e-6).reason, /^it is 3; 2 is wanted, within /);
});

t.test('a learning rate agrees within 1e-9 of its value', async (t) => {
  t.ok(judgeLearningRate(6e-5 * (1 + 0.9e-9), 6e-5).agrees);
  t.notOk(judgeLearningRate(6e-5 * (1 + 1.1e-9), 6e-5).agrees);
  t.ok(judgeLearningRate(0, 0).agrees);
  t.notOk(judgeLearningRate(1e-30, 0).agrees);
  t.notOk(judgeLearningRate(Number.NaN, 1).agrees);
});

t.test('wrong tensors never pass, whatever the golden', async (t) => {
  const seed = Date.now() % 1e9;
  t.comment(`seed ${seed}`);
  for (let round = 0; round < 200; round++) {
    const name = `round ${round}`;
    const [height, width, scaleAt, place] = [...uniform(seed, name, 4)] as [number, number, number, number];
    const [rows, columns] = [2 + Math.floor(height * 30), 2 + Math.floor(width * 30)];
    const scale = 10 ** (20 * scaleAt - 10);
    const expected = Float32Array.from(uniform(seed, `${name}/values`, rows * columns), (u) => scale * (u - 0.5));
    const at = Math.floor(place * expected.length);
    t.ok(judge(expected, expected).agrees, `${name}: the golden itself`);
    for (const [what, actual] of Object.entries(wrongOnes(expected, rows, columns, at))) {
      if (judge(actual, expected).agrees) t.fail(`${name}: ${what} passes (seed ${seed})`);
      if (judge(actual, expected, 'parameter').agrees) t.fail(`${name}: ${what} passes as a parameter (seed ${seed})`);
      if (judgeUninformative(measureTensorError(actual, expected, null), noise, kindNamed('forward')).agrees) {
        t.fail(`${name}: ${what} passes as uninformative (seed ${seed})`);
      }
    }
  }
});

function wrongOnes(expected: Float32Array, rows: number, columns: number, at: number): Record<string, Float32Array> {
  const replaced = (value: number) => expected.map((golden, i) => (i === at ? value : golden));
  const largest = Math.max(...expected);
  return {
    NaN: replaced(Number.NaN),
    Inf: replaced(Number.POSITIVE_INFINITY),
    '-Inf': replaced(Number.NEGATIVE_INFINITY),
    zeros: new Float32Array(expected.length),
    'a constant': new Float32Array(expected.length).fill(largest),
    'one element off by itself': replaced(expected[at]! + largest),
    reversed: Float32Array.from(expected).reverse(),
    rotated: expected.map((_, i) => expected[(i + 1) % expected.length]!),
    transposed: expected.map((_, i) => expected[(i % rows) * columns + Math.floor(i / rows)]!),
    'of the other sign': expected.map((golden) => -golden),
    'twice as large': expected.map((golden) => 2 * golden),
  };
}
