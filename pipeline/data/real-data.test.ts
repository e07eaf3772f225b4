import { existsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { packageRoot } from '../../harness/support/package-root.js';
import { readPaddleSegConfig } from '../yml/paddleseg-yml.js';
import { plainSection, sectionAt } from '../yml/section.js';
import { checkFiles } from './check-files.js';
import { openDataSet } from './data-set.js';
import { loadBatches, type TrainingData } from './load-batches.js';
import type { Recipe } from './prepare-sample.js';

// Photographs that may not be copied into the project: beside the clone, or not at all.
const shared = join(packageRoot, '..', 'shared');
const camvid = join(shared, 'data', 'camvid', 'segnext_mscan_t_camvid.yml');
const cityscapes = join(shared, 'data', 'cityscapes');
const published = join(shared, 'paddleseg', 'configs', 'segnext', 'segnext_mscan_t_cityscapes_1024x1024_160k.yml');

const noCamvid = existsSync(camvid) ? false : 'not run: ../shared/data/camvid is not there';
t.test('photographs of CamVid become batches, as its yml says', { skip: noCamvid }, async (t) => {
  const section = sectionAt(await readPaddleSegConfig(camvid), 'train_dataset');
  // Its paths are relative to the project's root.
  const values = Object.fromEntries(
    Object.entries(section.values).map(([key, value]) =>
      typeof value === 'string' && value.startsWith('../') ? [key, join(packageRoot, value)] : [key, value],
    ),
  );
  const dataSet = await openDataSet(plainSection(values, section.originOf()));
  t.equal(dataSet.pairs.length, 62);
  await checkFiles(dataSet);
  const batch = await loadFirst({ dataSet, transforms: values.transforms as unknown[], seed: 1 }, 4);
  t.strictSame(batch.images.shape, [4, 3, 192, 256]);
  validateBatch(t, batch, 11);
});

const noCityscapes =
  existsSync(cityscapes) && existsSync(published) ? false : 'not run: ../shared/data/cityscapes is not there';
t.test("a Cityscapes picture becomes a batch, as PaddleSeg's published yml says", { skip: noCityscapes }, async (t) => {
  const root = t.testdir({ leftImg8bit: {}, gtFine: {} });
  for (const kind of ['leftImg8bit', 'gtFine']) symlinkSync(join(cityscapes, kind, 'val'), join(root, kind, 'train'));
  const section = sectionAt(await readPaddleSegConfig(published), 'train_dataset');
  const dataSet = await openDataSet(plainSection({ ...section.values, dataset_root: root }, section.originOf()));
  await checkFiles(dataSet);
  const batch = await loadFirst({ dataSet, transforms: section.values.transforms as unknown[], seed: 1 }, 1);
  t.strictSame(batch.images.shape, [1, 3, 1024, 1024]);
  validateBatch(t, batch, 19);
});

async function loadFirst(recipe: Recipe, batchSize: number): Promise<TrainingData> {
  const options = { recipe, batchSize, rank: 0, ranks: 1, firstStep: 0, workers: 1, batchesAhead: 1 };
  for await (const batch of loadBatches(options)) return batch;
  throw new Error('unreachable: training batches have no end');
}

function validateBatch(
  t: Pick<typeof import('tap').default, 'ok'>,
  { images, labels }: TrainingData,
  classes: number,
): void {
  // Of 0..255 normalised by ImageNet's statistics: −2.12 to 2.64.
  t.ok(images.data.every((value) => value > -2.2 && value < 2.7));
  t.ok(new Set(images.data).size > 500, 'many values');
  const values = new Set(Array.from(labels.data, Number));
  t.ok(values.size > 2 && [...values].every((value) => value === 255 || value < classes), `labels ${[...values]}`);
}
