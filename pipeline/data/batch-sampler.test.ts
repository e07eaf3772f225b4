import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { parseNpz } from '../../harness/golden/npz.js';
import { packageRoot } from '../../harness/support/package-root.js';
import { countBatches, listBatches, type Sharding } from './batch-sampler.js';

const path = join(packageRoot, 'fixtures', 'transforms', 'sampler.npz');
const golden = parseNpz(await readFile(path), path);

t.test("batches are those of Paddle's DistributedBatchSampler, on every rank and in every epoch", async (t) => {
  const keys = golden.keys.filter((key) => key.startsWith('batches/'));
  t.ok(keys.length > 100, `${keys.length} lists`);
  for (const key of keys) {
    const [count, batchSize, ranks, rank, shuffle, dropLast, epoch] = key.split('/').slice(1).map(Number);
    const sharding = { count, batchSize, ranks, rank, shuffle: shuffle === 1, dropLast: dropLast === 1 } as Sharding;
    const batches = listBatches(sharding, epoch!);
    const [number, ...flat] = Array.from(golden.read(key).data as Int32Array);
    t.strictSame(batches.flat(), flat, key);
    t.equal(batches.length, number, key);
    t.equal(countBatches(sharding), number, key);
  }
});

t.test('an epoch of a data set smaller than a batch has no batch', async (t) => {
  const sharding = { count: 3, batchSize: 4, ranks: 1, rank: 0, shuffle: true, dropLast: true };
  t.equal(countBatches(sharding), 0);
  t.strictSame(listBatches(sharding, 0), []);
});
