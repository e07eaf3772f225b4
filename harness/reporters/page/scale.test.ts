import t from 'tap';
import { errorScale } from './scale.js';

t.test('a scale spans whole decades around its errors, and at least 0.1 to 10', async (t) => {
  t.same(errorScale([], 0, 100).decades, [-1, 0, 1]);
  t.same(errorScale([0.6, 1.4, 412], 0, 100).decades, [-1, 0, 1, 2, 3]);
  t.same(errorScale([0, Number.NaN, Number.POSITIVE_INFINITY, 1e-9], 0, 100).decades, [-2, -1, 0, 1]);
});

t.test('ten times the error is a decade further up; 0 lies on the bottom line', async (t) => {
  const { toY } = errorScale([1], 20, 200);
  t.same([10, 1, 0.1, 0, 1e-12].map(toY), [20, 120, 220, 220, 220]);
});
