import t from 'tap';
import { fnv1a, isBuffer, normal, samplePositions, seededParameter, uniform } from './seeded.js';

// The expected numbers were printed once by the contract's executable definition (section 2), in NumPy.

t.test('fnv1a is that of the contract, over UTF-8 bytes', async (t) => {
  t.equal(fnv1a('logits'), 0x7c6d89e5);
  t.equal(fnv1a('décoder'), 0x499adfd0);
});

t.test('uniform gives the test vectors', async (t) => {
  t.same(
    [...uniform(3, 'logits', 4)],
    [0.9990305304527283, 0.04710203409194946, 0.26826006174087524, 0.49725908041000366],
  );
  t.same(bits(uniform(1, 'x', 8)), [7328455, 16106414, 4658247, 11546644, 964547, 170903, 13227268, 10744808]);
  t.same(bits(uniform(4294967295, 'décoder', 3)), [10044678, 14149591, 13038381]);
});

t.test('uniform stays right far from the start', async (t) => {
  const values = uniform(5, 'big', 3_000_000);
  t.same(bits([values[0]!, values[1]!, values[999_999]!, values[2_999_999]!]), [11215048, 16678618, 13765269, 6862355]);
});

t.test("normal numbers are the oracle's, but for the last bits of log and cos", async (t) => {
  const expected = [-0.30925725527321357, 0.9471012054981709, -0.5149932368340759, -0.6399968026853033];
  for (const [at, value] of normal(3, 'x', 4).entries()) t.ok(Math.abs(value - expected[at]!) < 1e-14, String(value));
  t.same(normal(3, 'x', 2), normal(3, 'x', 4).subarray(0, 2));
});

t.test('a seeded parameter has the range of its kind', async (t) => {
  const convolution = seededParameter(3, 'backbone.block1.0.attn.proj_1.weight', [32, 32, 1, 1])!;
  t.same(
    [...convolution.subarray(0, 4)],
    [-0.10205759853124619, -0.2164602279663086, 0.2864769399166107, -0.10458450764417648],
  );
  const layerScale = seededParameter(3, 'backbone.block1.0.layer_scale_1', [32, 1, 1])!;
  t.same([...layerScale.subarray(0, 3)], [0.25160595774650574, 0.27785614132881165, 0.6110687255859375]);
  const linear = seededParameter(3, 'decode_head.x.linear.weight', [256, 150])!;
  t.same([...linear.subarray(0, 3)], [0.030940355733036995, -0.0042335824109613895, 0.024148916825652122]);
  t.ok(Math.abs(linear.reduce((sum, value) => sum + value, 0) - -4.503963013175735) < 1e-9);
  t.same(
    [...seededParameter(7, 'a.norm.weight', [4])!],
    [1.186476469039917, 0.5733466744422913, 1.1080211400985718, 0.6245892643928528],
  );
  t.same(
    [...seededParameter(7, 'a.norm.bias', [4])!],
    [-0.192673921585083, 0.041912734508514404, -0.19110512733459473, 0.08969420194625854],
  );
});

t.test('a buffer has no seeded value', async (t) => {
  for (const name of ['a._mean', 'a.b._variance', 'decode_head.hamburger.ham.bases']) {
    t.equal(seededParameter(1, name, [4]), null);
    t.ok(isBuffer(name));
  }
  t.notOk(isBuffer('a.weight'));
});

t.test('sample positions are floor(u · total)', async (t) => {
  t.same([...samplePositions(9, 'backbone.norm1', 6, 16384)], [5988, 3684, 6822, 13551, 11071, 11067]);
  t.ok(samplePositions(1, 'x', 10_000, 3).every((position) => position >= 0 && position < 3));
});

t.test('millions of weights take milliseconds', async (t) => {
  let best = 0;
  for (let round = 0; round < 8; round++) {
    // Of the processor, not of the clock: other work on the machine is not a fault of ours.
    const before = process.cpuUsage();
    seededParameter(1, 'a.weight', [1000, 100, 5, 5]);
    const { user } = process.cpuUsage(before);
    best = Math.max(best, 2.5e6 / user);
  }
  t.comment(`${best.toFixed(0)} M values/s`);
  t.ok(best > 20, 'faster than 20 M values/s, where 100 is usual');
});

function bits(values: ArrayLike<number>): number[] {
  return Array.from(values, (value) => value * 2 ** 24);
}
