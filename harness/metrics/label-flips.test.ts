import t from 'tap';
import { uniform } from '../golden/seeded.js';
import { labelFlips, measureLabelFlips } from './label-flips.js';

// Two classes on four pixels: margins 1, 0.5, 0.25 and 0.
const golden = Float32Array.of(1, 0, 0.25, 3, 0, 0.5, 0, 3);
const shape = [1, 2, 2, 2];

t.test('a right port changes nothing; only a tie could change', async (t) => {
  t.same(measureLabelFlips(golden, golden, shape), {
    pixels: 4,
    changed: 0,
    canChange: 1,
    unexplained: 0,
    maxLogitError: 0,
    smallestMargin: 0,
  });
});

t.test('pixels with a margin of at most twice the largest error can change', async (t) => {
  const actual = Float32Array.from(golden);
  actual[2] = -0.125;
  t.same(measureLabelFlips(actual, golden, shape), {
    pixels: 4,
    changed: 1,
    canChange: 3,
    unexplained: 0,
    maxLogitError: 0.375,
    smallestMargin: 0,
  });
});

t.test('on a tie the class is the one of the lowest index', async (t) => {
  const actual = Float32Array.from(golden);
  actual[7] = 3.0000002384185791;
  t.equal(measureLabelFlips(actual, golden, shape)?.changed, 1);
  actual[7] = 2.9999997615814209;
  t.equal(measureLabelFlips(actual, golden, shape)?.changed, 0);
});

t.test('NaN, Inf, one class, nothing: then nothing is said', async (t) => {
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    t.equal(
      measureLabelFlips(
        golden.map((value, i) => (i === 5 ? bad : value)),
        golden,
        shape,
      ),
      null,
    );
  }
  t.equal(measureLabelFlips(golden, golden, [1, 1, 2, 4]), null);
  t.equal(measureLabelFlips(new Float32Array(0), new Float32Array(0), shape), null);
  t.equal(measureLabelFlips(golden, golden, [8]), null);
});

t.test('it agrees with a pixel-by-pixel count, image by image or at once, and no change is unexplained', async (t) => {
  const seed = Date.now() % 1e9;
  t.comment(`seed ${seed}`);
  for (let round = 0; round < 30; round++) {
    const [b, c, h, w] = [1 + (round % 3), 2 + (round % 19), 3 + (round % 5), 4 + (round % 7)];
    const count = b * c * h * w;
    const expected = Float32Array.from(uniform(seed, `golden ${round}`, count), (u) => Math.round(u * 50) / 50);
    const noise = uniform(seed, `noise ${round}`, count);
    const actual = expected.map((value, i) => value + 0.05 * (noise[i]! - 0.5));
    const found = measureLabelFlips(actual, expected, [b, c, h, w]);
    t.same(found, countSlowly(actual, expected, [b, c, h, w]), `seed ${seed}, round ${round}`);
    t.equal(found?.unexplained, 0);
    const accumulator = labelFlips.begin({ channels: c, pixelsPerImage: h * w });
    for (let at = 0; at < count; at += c * h * w) {
      accumulator.add(actual.subarray(at, at + c * h * w), expected.subarray(at, at + c * h * w));
    }
    t.same(accumulator.end(), found);
  }
});

t.test('parts of images are refused', async (t) => {
  const accumulator = labelFlips.begin({ channels: 2, pixelsPerImage: 4 });
  t.throws(() => accumulator.add(new Float32Array(7), new Float32Array(7)), {
    message: /whole images of 8 are wanted$/,
  });
});

function countSlowly(actual: Float32Array, expected: Float32Array, [b, c, h, w]: [number, number, number, number]) {
  let exactMax = 0;
  for (let i = 0; i < actual.length; i++) exactMax = Math.max(exactMax, Math.abs(actual[i]! - expected[i]!));
  const counts = { changed: 0, canChange: 0, unexplained: 0, smallestMargin: Number.POSITIVE_INFINITY };
  for (let image = 0; image < b; image++) {
    for (let pixel = 0; pixel < h * w; pixel++) {
      const logitsOf = (all: Float32Array) =>
        Array.from({ length: c }, (_, k) => all[(image * c + k) * h * w + pixel]!);
      const label = (logits: number[]) => logits.indexOf(Math.max(...logits));
      const sorted = logitsOf(expected).sort((x, y) => y - x);
      const margin = sorted[0]! - sorted[1]!;
      const changed = label(logitsOf(actual)) !== label(logitsOf(expected));
      const can = margin <= 2 * exactMax;
      counts.changed += Number(changed);
      counts.canChange += Number(can);
      counts.unexplained += Number(changed && !can);
      counts.smallestMargin = Math.min(counts.smallestMargin, margin);
    }
  }
  return { pixels: b * h * w, ...counts, maxLogitError: exactMax };
}
