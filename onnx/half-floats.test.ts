import t from 'tap';
import { roundToHalves, widenHalves } from './half-floats.js';

const round = (...values: number[]) => [...widenHalves(roundToHalves(Float32Array.from(values)))];

t.test('every half is itself', async (t) => {
  const halves = Uint16Array.from({ length: 2 ** 16 }, (_, at) => at);
  const numbers = halves.filter((half) => (half & 0x7fff) <= 0x7c00);
  t.strictSame(roundToHalves(widenHalves(numbers)), numbers);
  t.ok(round(Number.NaN).every(Number.isNaN));
});

t.test('what lies between two halves goes to the nearer, and to the even one from the middle', async (t) => {
  const ulp = 2 ** -10;
  t.strictSame(round(1 + ulp / 2, 1 + 1.5 * ulp, 1 + ulp / 2 + 2 ** -23, 1 + ulp / 2 - 2 ** -23), [
    1,
    1 + 2 * ulp,
    1 + ulp,
    1,
  ]);
  t.strictSame(round(-0.1, 3.14159274, 2 - 2 ** -12), [-0.0999755859375, 3.140625, 2]);
});

t.test('the smallest and the largest are rounded as any other', async (t) => {
  const least = 2 ** -24;
  t.strictSame(round(least / 2, least / 2 + 2 ** -48, 1.5 * least, 2.5 * least), [0, least, 2 * least, 2 * least]);
  t.strictSame(round(2 ** -14 - least / 2, -least), [2 ** -14, -least]);
  t.strictSame(round(65519, 65520, -1e9), [65504, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
  t.ok(Object.is(round(-1e-12)[0], -0));
});
