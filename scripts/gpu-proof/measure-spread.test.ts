import t from 'tap';
import { makeCase, makeMeasurement, makeOwn } from '../../harness/reporters/result-for-tests.js';
import { measureSpread, measureWorst } from './measure-spread.js';

const run = (own: number, accumulated: number) => ({
  cases: [
    makeCase({
      measurements: [
        makeMeasurement('a', { noiseRatio: accumulated, maxRatio: 1, own: makeOwn({ noiseRatio: own }) }),
        makeMeasurement('b', { noiseRatio: 0.5, maxRatio: 1, own: makeOwn({ noiseRatio: 0.5 }) }),
      ],
      shipped: null,
    }),
  ],
});

t.test('the worst layer counts, by its own and by its accumulated error', async (t) => {
  t.strictSame(measureWorst(run(1.5, 2)), { own: 1.5, accumulated: 2 });
  t.strictSame(measureWorst({ cases: [] }), { own: null, accumulated: null });
});

t.test('two runs of the same are apart by what differs most', async (t) => {
  t.equal(measureSpread(run(1.5, 2), run(1.5, 2)), 0);
  t.equal(measureSpread(run(1.5, 2), run(1.75, 2)), 0.25);
  t.equal(measureSpread(run(1.5, 2), { cases: [] }), null);
});
