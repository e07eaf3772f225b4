import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { parseNpz } from '../../harness/golden/npz.js';
import { packageRoot } from '../../harness/support/package-root.js';
import { createRandomState } from './mt19937.js';

const path = join(packageRoot, 'fixtures', 'transforms', 'sampler.npz');
const golden = parseNpz(await readFile(path), path);
const goldenNumbers = (key: string) => Array.from(golden.read(key).data as Int32Array | Float64Array);

t.test('a list is shuffled as NumPy shuffles it', async (t) => {
  const keys = golden.keys.filter((key) => key.startsWith('shuffle/'));
  t.equal(keys.length, 4);
  for (const key of keys) {
    const order = Array.from({ length: 1000 }, (_, i) => i);
    createRandomState(Number(key.split('/')[1])).shuffle(order);
    t.strictSame(order, goldenNumbers(key), key);
  }
});

t.test('a list of seeds gives the numbers of NumPy, bit for bit', async (t) => {
  const seeds = [[0], [3, 1, 4], [4294967295, 0, 12345], Array.from({ length: 700 }, (_, i) => i)];
  for (const seed of seeds) {
    const random = createRandomState(seed);
    const name = `list/${seed.length}/${seed[0]}`;
    const uniform = Array.from({ length: 400 }, () => random.uniform(-2, 3));
    t.strictSame(uniform, goldenNumbers(`${name}/uniform`), `${name} uniform`);
    const below = Array.from({ length: 400 }, () => random.below(10));
    t.strictSame(below, goldenNumbers(`${name}/below-10`), `${name} below 10`);
  }
});

t.test('below one is nought, and takes no number', async (t) => {
  const [random, other] = [createRandomState(5), createRandomState(5)];
  t.equal(random.below(1), 0);
  t.equal(random.uniform(0, 1), other.uniform(0, 1));
});
