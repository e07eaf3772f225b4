import t from 'tap';
import type { NdArray } from '../contract/nd-array.js';
import { measureCloseness } from './array-closeness.js';

const f8 = (...values: number[]): NdArray => ({ dtype: 'f8', shape: [values.length], data: Float64Array.from(values) });
const atol = 1e-3;
const rtol = 1e-3;

t.test('close is |actual − expected| ≤ atol + rtol · |expected|', async (t) => {
  t.equal(measureCloseness(f8(1.0019), f8(1), atol, rtol).different, 0);
  t.equal(measureCloseness(f8(1.0021), f8(1), atol, rtol).different, 1);
  t.equal(measureCloseness(f8(1), f8(1), 0, 0).different, 0);
  t.match(measureCloseness(f8(0, 5, 3), f8(0, 4, 3), atol, rtol), {
    compared: 3,
    different: 1,
    maxAbsError: 1,
    worst: { index: [1], actual: 5, expected: 4 },
  });
});

t.test('the tolerance is relative to what is expected, not to what is found', async (t) => {
  t.equal(measureCloseness(f8(1.1), f8(1), 0, 0.095).different, 1);
  t.equal(measureCloseness(f8(1), f8(1.1), 0, 0.095).different, 0);
});

t.test('NaN is close to nothing, and an infinity to itself alone', async (t) => {
  const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
  t.equal(measureCloseness(f8(nan), f8(nan), atol, rtol).different, 1);
  t.equal(measureCloseness(f8(nan), f8(1), atol, rtol).different, 1);
  t.equal(measureCloseness(f8(1), f8(nan), atol, rtol).different, 1);
  t.equal(measureCloseness(f8(inf), f8(inf), atol, rtol).different, 0);
  t.equal(measureCloseness(f8(-inf), f8(inf), atol, rtol).different, 1);
  t.equal(measureCloseness(f8(1), f8(inf), atol, rtol).different, 1);
  t.match(measureCloseness(f8(1, nan, 9), f8(1, 2, 2), atol, rtol).worst, { index: [1] });
});

t.test('integers of 64 bits are told apart beyond 2^53', async (t) => {
  const i8 = (value: bigint): NdArray => ({ dtype: 'i8', shape: [], data: BigInt64Array.of(value) });
  t.equal(measureCloseness(i8(2n ** 53n + 1n), i8(2n ** 53n), 0, 0).different, 1);
  t.equal(measureCloseness(i8(5n), f8(5), 0, 0).compared, 0, 'a scalar is not a list of one');
});

t.test('of other shapes nothing is compared', async (t) => {
  t.match(measureCloseness(f8(1, 2), f8(1), 1e9, 1e9), { compared: 0, worst: null });
});
