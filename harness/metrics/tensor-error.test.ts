import t from 'tap';
import { uniform } from '../golden/seeded.js';
import { measureTensorError, tensorError } from './tensor-error.js';

t.test('the figures are those of the contract', async (t) => {
  const error = measureTensorError(Float32Array.of(1, 2, 3.5, 4), Float32Array.of(1, 2, 3, 5), 2);
  t.equal(error.relRms, Math.sqrt((0.25 + 1) / 4) / 2);
  t.equal(error.maxOverRms, 0.5);
  t.equal(error.rms, 2);
  t.equal(error.maxAbsError, 1);
  t.equal(error.maxAbsExpected, 5);
  t.equal(error.compared, 4);
  t.equal(error.nonFinite, 0);
  t.same(error.worst, { index: 3, actual: 4, expected: 5 });
});

t.test('without an rms, that of the golden elements counts', async (t) => {
  t.equal(measureTensorError(Float32Array.of(3, 5), Float32Array.of(3, 4), null).rms, Math.sqrt(12.5));
});

t.test('NaN and Inf on either side make every figure NaN, and the first one is the worst place', async (t) => {
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    for (const [actual, expected] of [
      [Float32Array.of(9, 1, bad, bad), Float32Array.of(1, 1, 1, 1)],
      [Float32Array.of(9, 1, 1, 1), Float32Array.of(1, 1, bad, bad)],
      [Float32Array.of(9, 1, bad, bad), Float32Array.of(1, 1, bad, bad)],
    ] as const) {
      for (const rms of [1, null]) {
        const error = measureTensorError(actual, expected, rms);
        t.same([error.relRms, error.maxOverRms, error.maxAbsError], [Number.NaN, Number.NaN, Number.NaN]);
        t.equal(error.nonFinite, 2);
        t.equal(error.worst?.index, 2);
      }
    }
  }
});

t.test('nothing compared has no figures', async (t) => {
  const error = measureTensorError(new Float32Array(0), new Float32Array(0), 1);
  t.same([error.relRms, error.maxOverRms, error.compared, error.worst], [Number.NaN, Number.NaN, 0, null]);
});

t.test('at rms 0 an exact port errs by 0, and any other has no figure', async (t) => {
  t.equal(measureTensorError(Float32Array.of(0, -0), new Float32Array(2), 0).relRms, 0);
  t.same(measureTensorError(Float32Array.of(0, 1e-45), new Float32Array(2), 0).relRms, Number.NaN);
});

t.test('chunks give what the whole gives', async (t) => {
  const seed = Date.now() % 1e6;
  t.comment(`seed ${seed}`);
  const expected = Float32Array.from(uniform(seed, 'expected', 10_000));
  const actual = expected.map((value, i) => value * (1 + 1e-6 * Math.sin(i)));
  const whole = measureTensorError(actual, expected, 0.5);
  const accumulator = tensorError.begin({ rms: 0.5 });
  for (let at = 0, step = 1; at < 10_000; at += step, step = 1 + ((step * 7 + seed) % 2999)) {
    accumulator.add(actual.subarray(at, at + step), expected.subarray(at, at + step));
  }
  const chunked = accumulator.end();
  t.ok(Math.abs(chunked.relRms / whole.relRms - 1) < 1e-14);
  t.same({ ...chunked, relRms: 0 }, { ...whole, relRms: 0 });
});

t.test('chunks of different lengths are refused', async (t) => {
  const accumulator = tensorError.begin({ rms: 1 });
  t.throws(() => accumulator.add(new Float32Array(2), new Float32Array(3)), {
    message: 'Cannot compare 2 elements with 3; equally many are wanted',
  });
});

t.test('sums stay accurate over tens of millions of elements', async (t) => {
  // Every square is 2^-2 or 2^-60: the exact sum is known, and naive float32 or one float64 chain would lose the small
  // ones.
  const count = 20_000_000;
  const expected = new Float32Array(count);
  const actual = expected.map((_, i) => (i === 0 ? 0.5 : 2 ** -30));
  const exact = Math.sqrt((0.25 + (count - 1) * 2 ** -60) / count);
  t.ok(Math.abs(measureTensorError(actual, expected, 1).relRms / exact - 1) < 1e-14);
});

t.test('it streams at more than half a gigabyte a second', async (t) => {
  const expected = Float32Array.from({ length: 4_000_000 }, (_, i) => Math.sin(i));
  const actual = expected.map((value) => value * 1.000001);
  let best = 0;
  for (let round = 0; round < 5; round++) {
    // Of the processor, not of the clock: other work on the machine is not a fault of ours.
    const before = process.cpuUsage();
    measureTensorError(actual, expected, 1);
    const { user } = process.cpuUsage(before);
    best = Math.max(best, (actual.byteLength + expected.byteLength) / user / 1e3);
  }
  t.comment(`${best.toFixed(2)} GB/s of golden and actual bytes; 1 is the aim on an idle core`);
  t.ok(best > 0.5);
});

t.test('under a mask only what it keeps is compared, and places are those of the whole', (t) => {
  const actual = Float32Array.of(Number.NaN, 3, 1e9, 5, Number.POSITIVE_INFINITY, 7);
  const expected = Float32Array.of(1, 3, 1, 4, 1, 7);
  const kept = Uint8Array.of(0, 1, 0, 1, 0, 1);
  const error = measureTensorError(actual, expected, null, kept);
  t.match(error, { compared: 3, nonFinite: 0, maxAbsError: 1, maxAbsExpected: 7 });
  t.strictSame(error.worst, { index: 3, actual: 5, expected: 4 });
  t.equal(error.rms, Math.sqrt((9 + 16 + 49) / 3));
  t.equal(error.relRms, Math.sqrt(1 / 3) / error.rms);
  t.match(measureTensorError(actual, expected, null, Uint8Array.of(1, 1, 1, 1, 1, 1)), { nonFinite: 2, compared: 6 });
  const nothing = measureTensorError(actual, expected, null, new Uint8Array(6));
  t.match(nothing, { compared: 0, relRms: Number.NaN, worst: null });
  t.throws(() => measureTensorError(actual, expected, null, Uint8Array.of(1)), RangeError);
  t.end();
});
