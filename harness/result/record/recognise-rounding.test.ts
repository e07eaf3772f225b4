import t from 'tap';
import { makeMeasurement, makeOwn } from '../../reporters/result-for-tests.js';
import type { Measurement } from './case-result.js';
import { recogniseRounding } from './recognise-rounding.js';

/** A first probe with this error, and layers that fail on their own with these. */
function fails(first: number, own: readonly number[], ...more: readonly Measurement[]) {
  const measurements = [
    makeMeasurement('a', { verdict: 'fail', relRms: first, own: null }),
    ...own.map((relRms, at) =>
      makeMeasurement(`l${at}`, { verdict: 'fail', own: { ...makeOwn({ verdict: 'fail' }), relRms } }),
    ),
    ...more,
  ];
  return recogniseRounding({ measurements });
}

const spread = [1, 2, 3, 3, 3, 3, 3, 3, 3];
const scaled = (by: number) => spread.map((one) => one * by);

t.test('errors of rounded products are told by their size, from the first probe on', async (t) => {
  t.equal(fails(3e-4, scaled(1e-4)), 10);
  t.equal(fails(2.4e-3, scaled(8e-4)), 7);
});

t.test('no other fault is called so', async (t) => {
  t.equal(fails(3e-4, scaled(1e-4).slice(0, 7)), null, 'few layers');
  t.equal(
    fails(
      3e-4,
      spread.map(() => 3e-4),
    ),
    null,
    'one share of all values, as of a wrong factor',
  );
  t.equal(fails(8e-4, scaled(2.7e-4)), null, 'between the two');
  t.equal(fails(3e-5, scaled(1e-5)), null, 'smaller');
  t.equal(fails(3e-2, scaled(1e-2)), null, 'larger');
  t.equal(fails(3e-4, [...scaled(1e-4), 2e-2]), null, 'one layer that is worse');
  t.equal(fails(3e-4, [...scaled(1e-4), Number.NaN]), null, 'NaN');
  t.equal(fails(1e-6, scaled(1e-4)), null, 'a first probe that errs otherwise');
  t.equal(fails(3e-4, scaled(1e-4), makeMeasurement('z', { verdict: 'missing' })), null, 'a missing one');
  const agreeing = makeMeasurement('a', { own: null });
  const later = scaled(1e-4).map((relRms) =>
    makeMeasurement('l', { verdict: 'fail', own: { ...makeOwn({ verdict: 'fail' }), relRms } }),
  );
  t.equal(recogniseRounding({ measurements: [agreeing, ...later] }), null, 'the first probe agrees');
  t.equal(recogniseRounding({ measurements: [] }), null, 'nothing');
});
