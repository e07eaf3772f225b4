import t from 'tap';
import { judgeAgreement } from './agreement.js';
import { runComparatorSelfTest } from './comparator-self-test.js';
import { measureTensorError } from './tensor-error.js';

t.test('the comparator passes its self-test, in under 20 ms', async (t) => {
  const before = process.cpuUsage();
  for (let round = 0; round < 10; round++) runComparatorSelfTest();
  const durationMs = process.cpuUsage(before).user / 1000 / 10;
  t.comment(`${durationMs.toFixed(1)} ms`);
  t.ok(durationMs < 20);
});

t.test('a judge that passes everything is found out', async (t) => {
  const lenient: typeof judgeAgreement = (...args) => ({ ...judgeAgreement(...args), agrees: true });
  t.throws(() => runComparatorSelfTest(measureTensorError, lenient), {
    message: /^Cannot judge: the comparator passes NaN; it must fail it/,
  });
});

t.test('a judge that fails everything is found out', async (t) => {
  const strict: typeof judgeAgreement = (...args) => ({ ...judgeAgreement(...args), agrees: false });
  t.throws(() => runComparatorSelfTest(measureTensorError, strict), {
    message: /^Cannot judge: the comparator fails the golden itself; it must pass it/,
  });
});

t.test('a measure that skips what is not finite is found out', async (t) => {
  const skipping: typeof measureTensorError = (actual, expected, rms) => {
    const kept = [...actual.keys()].filter((i) => Number.isFinite(actual[i]!) && Number.isFinite(expected[i]!));
    return measureTensorError(
      Float32Array.from(kept, (i) => actual[i]!),
      Float32Array.from(kept, (i) => expected[i]!),
      rms,
    );
  };
  t.throws(() => runComparatorSelfTest(skipping), { message: /the comparator passes NaN;/ });
});

t.test('a measure that compares sorted values is found out', async (t) => {
  const sorting: typeof measureTensorError = (actual, expected, rms) =>
    measureTensorError(Float32Array.from(actual).sort(), Float32Array.from(expected).sort(), rms);
  t.throws(() => runComparatorSelfTest(sorting), { message: /the comparator passes a permutation;/ });
});

t.test('a measure that counts equal infinities as equal is found out', async (t) => {
  const numpyLike: typeof measureTensorError = (actual, expected, rms) => {
    const same = (i: number) => Object.is(actual[i], expected[i]);
    return measureTensorError(
      actual.map((value, i) => (same(i) ? 1 : value)),
      expected.map((value, i) => (same(i) ? 1 : value)),
      rms,
    );
  };
  t.throws(() => runComparatorSelfTest(numpyLike), {
    message: /the comparator passes (NaN where the golden is NaN|Inf where the golden is Inf);/,
  });
});
