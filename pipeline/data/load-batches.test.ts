import { rmSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { writeTestDataSet, writeTestImage, writeTestLabel } from './data-for-tests.js';
import { openDataSet } from './data-set.js';
import { countSteps, type LoaderOptions, listIndices, loadBatches, type TrainingData } from './load-batches.js';
import { prefetch } from './prefetch.js';
import type { PreparedSample, Recipe } from './prepare-sample.js';
import { startSamplePool } from './sample-pool.js';

const transforms = [
  { type: 'ResizeStepScaling', min_scale_factor: 0.5, max_scale_factor: 1.5 },
  { type: 'RandomPaddingCrop', crop_size: [16, 12] },
  { type: 'RandomHorizontalFlip' },
  { type: 'RandomDistort' },
  { type: 'Normalize' },
];

t.test('batches depend neither on the number of workers nor on where loading began', async (t) => {
  const recipe = await writeRecipe(t.testdir({}), 5);
  const expected = await take(recipe, {}, 6);
  t.strictSame(
    expected.map(({ step, epoch }) => [step, epoch]),
    [
      [0, 0],
      [1, 0],
      [2, 1],
      [3, 1],
      [4, 2],
      [5, 2],
    ],
  );
  t.strictSame(expected[0]!.images.shape, [2, 3, 12, 16]);
  t.strictSame(expected[0]!.labels.shape, [2, 12, 16]);
  for (const workers of [1, 2]) t.strictSame(await take(recipe, { workers }, 6), expected, `${workers} workers`);
  t.strictSame(await take(recipe, { firstStep: 3, workers: 2 }, 3), expected.slice(3), 'begun at step 3');
});

t.test('seed, epoch and sample each change what is drawn', async (t) => {
  const folder = t.testdir({});
  const recipe = await writeRecipe(folder, 2);
  writeTestImage(join(folder, 'images/1.png'), 24, 20, 0);
  const make = async (seed: number, epoch: number, index: number) => {
    const pool = await startSamplePool({ ...recipe, seed }, 0);
    return `${(await pool.make({ epoch, index })).image}`;
  };
  const first = await make(7, 0, 0);
  t.equal(await make(7, 0, 0), first, 'the same');
  t.not(await make(7, 1, 0), first, 'epoch');
  t.not(await make(8, 0, 0), first, 'seed');
  t.not(await make(7, 0, 1), first, 'sample');
});

t.test('a batch holds the pixels and the classes of its files', async (t) => {
  const recipe = await writeRecipe(t.testdir({}), 4, []);
  const [batch] = await take(recipe, {}, 1);
  const { indices, images, labels } = batch!;
  for (const [i, index] of indices.entries()) {
    // The formulas of data-for-tests.ts: pixel 5 is the channels' values 15, 16 and 17.
    const plane = 24 * 20;
    for (let c = 0; c < 3; c++)
      t.equal(images.data[(i * 3 + c) * plane + 5], ((15 + c) * 7 + index * 31) % 256, `image ${index}`);
    t.equal(labels.data[i * plane], 0n);
    t.equal(labels.data[i * plane + 1], BigInt(index % 4), `label ${index}`);
  }
});

t.test('ranks share an epoch', async (t) => {
  const recipe = await writeRecipe(t.testdir({}), 8);
  const of = async (rank: number) => (await take(recipe, { rank, ranks: 2 }, 2)).flatMap(({ indices }) => indices);
  t.strictSame([...(await of(0)), ...(await of(1))].sort(), [0, 1, 2, 3, 4, 5, 6, 7]);
});

t.test('a data set smaller than a batch is refused before anything is loaded', async (t) => {
  const recipe = await writeRecipe(t.testdir({}), 3);
  const message =
    'Cannot train on test.yml:3: it has 3 images and a batch has 4; at least one full batch is wanted. Fix: a smaller batch_size';
  t.throws(() => countSteps({ recipe, batchSize: 4, rank: 0, ranks: 1 }), { name: 'UserError', message });
  await t.rejects(take(recipe, { batchSize: 4 }, 1), { message });
  t.throws(() => countSteps({ recipe, batchSize: 2, rank: 0, ranks: 3 }), {
    message: /a batch has 2 on each of 3 ranks/,
  });
  t.equal(countSteps({ recipe, batchSize: 2, rank: 0, ranks: 1 }), 1);
});

t.test('what a worker meets is thrown here as it was there', async (t) => {
  const folder = t.testdir({});
  const recipe = await writeRecipe(folder, 4);
  writeTestLabel(join(folder, 'labels/2.png'), 24, 20, 9);
  for (const workers of [0, 2])
    await t.rejects(take(recipe, { workers }, 2), { name: 'UserError', message: /is of class 9; 0 to 3, or 255/ });
  rmSync(join(folder, 'images'), { recursive: true });
  await t.rejects(take(recipe, { workers: 1 }, 1), { name: 'UserError', message: /there is no such file/ });
  const wrong = { ...recipe, transforms: [{ type: 'Resise' }] };
  await t.rejects(take(wrong, { workers: 1 }, 1), { message: /Did you mean Resize\?/ });
});

t.test('samples of different sizes are not a batch', async (t) => {
  const recipe = await writeRecipe(t.testdir({}), 4, [{ type: 'ResizeStepScaling', scale_step_size: 0 }]);
  await t.rejects(take(recipe, {}, 1), {
    message: /^Cannot make a batch of test.yml:3: after the transforms one image is .* one size is wanted\. Fix: /,
  });
});

t.test('in mode val the label keeps the size of its file, and sizes are remembered', async (t) => {
  const recipe = await writeRecipe(t.testdir({}), 1, [{ type: 'Resize', target_size: [10, 6] }], 'val');
  const pool = await startSamplePool(recipe, 0);
  const { shape, label, sizes } = await pool.make({ epoch: 0, index: 0 });
  t.strictSame(shape, [3, 6, 10]);
  t.strictSame([label!.height, label!.width], [20, 24]);
  t.strictSame(sizes, [{ kind: 'resize', height: 20, width: 24 }]);
});

t.test('no more is made ahead than was asked for, and in order', async (t) => {
  let [asked, used] = [0, 0];
  let most = 0;
  const make = async ({ index }: { index: number }) => {
    asked++;
    most = Math.max(most, asked - used);
    await new Promise((resolve) => setTimeout(resolve, (7 - index) % 3));
    return { index } as PreparedSample;
  };
  const tasks = Array.from({ length: 20 }, (_, index) => ({ epoch: 0, index }));
  for await (const { index } of prefetch({ make, close: async () => undefined }, tasks, 4)) t.equal(index, used++);
  t.equal(used, 20);
  t.equal(most, 5, 'four ahead, and the one that is waited for');
});

t.test('a worker that dies is an error, not a silence', async (t) => {
  const recipe = await writeRecipe(t.testdir({}), 2);
  const pool = await startSamplePool({ ...recipe, dataSet: { ...recipe.dataSet, pairs: null as never } }, 1);
  await t.rejects(pool.make({ epoch: 0, index: 0 }), { name: 'Error' }, 'a fault of the program is one here too');
  await pool.close();
  await t.rejects(pool.make({ epoch: 0, index: 0 }), {
    name: 'EnvironmentError',
    message: /^Cannot load data: a worker died/,
  });
});

async function writeRecipe(
  folder: string,
  count: number,
  list: readonly unknown[] = transforms,
  mode = 'train',
): Promise<Recipe> {
  return { dataSet: await openDataSet(writeTestDataSet(folder, count, list, mode)), transforms: list, seed: 7 };
}

async function take(recipe: Recipe, options: Partial<LoaderOptions>, count: number): Promise<TrainingData[]> {
  const taken: TrainingData[] = [];
  const all = { recipe, batchSize: 2, rank: 0, ranks: 1, firstStep: 0, workers: 0, batchesAhead: 2, ...options };
  for await (const batch of loadBatches(all)) if (taken.push(batch) === count) break;
  return taken;
}

t.test('what a training will read is known before it: few files for few steps, no file twice', async (t) => {
  const recipe = await writeRecipe(t.testdir({}), 7);
  const options = { recipe, batchSize: 2, rank: 0, ranks: 1, firstStep: 2, workers: 0, batchesAhead: 0 };
  const read = (await take(recipe, { firstStep: 2 }, 3)).flatMap(({ indices }) => indices);
  t.strictSame(listIndices(options, 5), [...new Set(read)]);
  t.strictSame(listIndices(options, 3), read.slice(0, 2));
  t.strictSame(listIndices(options, 1_000_000_000).sort(), [0, 1, 2, 3, 4, 5, 6]);
});
