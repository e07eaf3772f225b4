import t from 'tap';
import { type Confusion, confusionOf } from './confusion.js';
import { measureEquivalence } from './equivalence.js';

/** Images of 1000 pixels of two classes, of which `wrong(at)` of class 0 are taken for class 1. */
function images(count: number, wrong: (at: number) => number): Confusion[] {
  return Array.from({ length: count }, (_, at) =>
    confusionOf([
      [500 - wrong(at), wrong(at)],
      [0, 500],
    ]),
  );
}

t.test('the same confusions are equivalent, with an interval of nothing', async (t) => {
  const same = images(8, (at) => at);
  t.match(measureEquivalence(same, same, 1e-5), { verdict: 'equivalent', difference: 0, interval: [0, 0], images: 8 });
});

t.test('a difference beyond the bound on every image is different', async (t) => {
  const found = measureEquivalence(
    images(20, (at) => 50 + at),
    images(20, (at) => at),
    0.01,
  );
  t.equal(found.verdict, 'different');
  t.ok(found.interval![1] <= -0.01, `the interval ends at ${found.interval![1]}`);
  t.ok(found.interval![0] <= found.difference && found.difference <= found.interval![1]);
});

t.test('a difference on some images, about as large as the bound, is inconclusive', async (t) => {
  const found = measureEquivalence(
    images(10, (at) => (at % 2 === 0 ? 20 : 0)),
    images(10, () => 0),
    0.02,
  );
  t.equal(found.verdict, 'inconclusive');
});

t.test('too few images say nothing, however equal they are', async (t) => {
  const same = images(7, () => 3);
  t.match(measureEquivalence(same, same, 1), { verdict: 'inconclusive', interval: null, images: 7 });
  t.match(measureEquivalence([], [], 1), { verdict: 'inconclusive', interval: null, images: 0 });
});

t.test('a NaN is never equivalent', async (t) => {
  const broken = images(8, () => 0).map(({ classes }) => ({ classes, counts: new Float64Array(4).fill(Number.NaN) }));
  t.not(
    measureEquivalence(
      broken,
      images(8, () => 0),
      1,
    ).verdict,
    'equivalent',
  );
});

t.test('images that cannot be paired are refused', async (t) => {
  t.throws(
    () =>
      measureEquivalence(
        images(8, () => 0),
        images(9, () => 0),
        1,
      ),
    /Cannot pair 8 images with 9/,
  );
});
