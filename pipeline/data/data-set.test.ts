import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { plainSection } from '../yml/section.js';
import { checkFiles } from './check-files.js';
import { writeTestDataSet, writeTestImage, writeTestLabel } from './data-for-tests.js';
import { openDataSet } from './data-set.js';
import { readPair } from './read-pair.js';

t.test('a list becomes pairs in its order, under dataset_root', async (t) => {
  const folder = t.testdir({});
  const dataSet = await openDataSet(writeTestDataSet(folder, 3, []));
  t.strictSame(dataSet.pairs[2], { image: join(folder, 'images/2.png'), label: join(folder, 'labels/2.png') });
  t.match(dataSet, { mode: 'train', classes: 4, ignoreIndex: 255, channels: 3 });
  await checkFiles(dataSet);
});

t.test('a list line that is not a pair is refused by file and line', async (t) => {
  const folder = t.testdir({});
  const list = join(folder, 'list.txt');
  const lines: [string, string][] = [
    ['a.png b.png\nc.png\n', '2: it holds 1 field'],
    ['a.png b.png\n\nc.png d.png\n', '2: it holds an empty line'],
    ['a.png  b.png\n', '1: it holds 3 fields'],
    ['a.png\tb.png\n', '1: it holds 1 field'],
  ];
  for (const [text, held] of lines) {
    writeFileSync(list, text);
    const message = `Cannot use ${list}:${held}; an image and its label with " " between them are wanted`;
    await t.rejects(openDataSet(listSection(folder, {})), { name: 'UserError', message });
  }
  writeFileSync(list, 'a.png b.png\r\n/c.png,d.png');
  await t.rejects(openDataSet(listSection(folder, { separator: ',' })), { message: /:1: it holds 1 field/ });
  writeFileSync(list, '  a.png,b c.png  \r\n/c.png,d.png');
  const { pairs } = await openDataSet(listSection(folder, { separator: ',' }));
  t.strictSame(pairs, [
    { image: join(folder, 'a.png'), label: join(folder, 'b c.png') },
    { image: '/c.png', label: join(folder, 'd.png') },
  ]);
});

t.test('mode test takes images without labels', async (t) => {
  const folder = t.testdir({ 'list.txt': 'a.png\nb.png c.png\n' });
  const section = listSection(folder, { mode: 'test', test_path: join(folder, 'list.txt') });
  const { pairs } = await openDataSet(section);
  t.strictSame(pairs[0], { image: join(folder, 'a.png'), label: null });
  t.equal(pairs[1]!.label, join(folder, 'c.png'));
});

t.test('what a data set cannot use is said in a sentence', async (t) => {
  const folder = t.testdir({ 'list.txt': 'a.png b.png\n', 'empty.txt': '' });
  const faults: [Record<string, unknown>, string][] = [
    [
      { type: 'Datset' },
      '(type): the data set\'s type is "Datset"; one of Cityscapes, Dataset is wanted. Did you mean Dataset?',
    ],
    [
      { train_pth: 'x' },
      '(train_pth): the data set Dataset has no argument train_pth; one of mode, dataset_root, transforms, num_classes, img_channels, train_path, val_path, test_path, separator, ignore_index, edge is wanted. Did you mean train_path?',
    ],
    [{ train_path: null }, '(train_path): train_path is null; a list of the images of mode train is wanted'],
    [{ num_classes: 0 }, '(num_classes): num_classes is 0; a whole number from 1 is wanted'],
    [{ img_channels: 2 }, '(img_channels): img_channels is 2; 1 or 3 is wanted'],
    [{ edge: true }, '(edge): edge is true; false, as tipcheck computes no edge maps, is wanted'],
    [
      { dataset_root: join(folder, 'none') },
      `(dataset_root): dataset_root is ${join(folder, 'none')}, which does not exist; a folder, from where the command runs, is wanted`,
    ],
  ];
  for (const [change, message] of faults)
    await t.rejects(openDataSet(listSection(folder, change)), {
      name: 'UserError',
      message: `Cannot use test.yml:3 ${message}`,
    });
  await t.rejects(openDataSet(listSection(folder, { train_path: join(folder, 'none.txt') })), {
    message: `Cannot read the list ${join(folder, 'none.txt')} of test.yml:3 (train_path): there is no such file; a text file of images and labels is wanted`,
  });
  await t.rejects(openDataSet(listSection(folder, { train_path: join(folder, 'empty.txt') })), {
    message: `Cannot use test.yml:3: the data set is empty; at least one image is wanted. Fix: fill its list, ${join(folder, 'empty.txt')}`,
  });
});

t.test('every file is looked at before training', async (t) => {
  const folder = t.testdir({});
  const dataSet = await openDataSet(writeTestDataSet(folder, 5, []));
  rmSync(join(folder, 'images/3.png'));
  await t.rejects(checkFiles(dataSet), {
    name: 'UserError',
    message: `Cannot read the image ${join(folder, 'images/3.png')}: there is no such file; a PNG, JPEG, BMP, TIFF or WebP file is wanted. Fix: its path`,
  });
  writeTestLabel(join(folder, 'labels/1.png'), 20, 24, 1);
  rmSync(join(folder, 'labels/4.png'));
  await t.rejects(checkFiles(dataSet), {
    message: `Cannot use ${join(folder, 'images/1.png')} with ${join(folder, 'labels/1.png')}: they are 24×20 and 20×24; one size is wanted. Fix: the label of that very picture (2 more of 5 pairs have faults)`,
  });
});

t.test('a label that is not a class is refused with its pixel', async (t) => {
  const folder = t.testdir({});
  const dataSet = await openDataSet(writeTestDataSet(folder, 1, []));
  const path = join(folder, 'labels/0.png');
  writeTestLabel(path, 24, 20, 4);
  await t.rejects(readPair(dataSet, 0), {
    name: 'UserError',
    message: `Cannot use the label ${path}: the pixel at x 1, y 0 is of class 4; 0 to 3, or 255 for none, is wanted`,
  });
  writeTestLabel(path, 24, 20, 255);
  t.equal((await readPair(dataSet, 0)).label!.data[1], 255);
});

t.test('Cityscapes pairs by city and name', async (t) => {
  const folder = t.testdir({});
  for (const name of ['bonn/bonn_1', 'aachen/aachen_2', 'aachen/aachen_1']) writeCity(folder, name);
  const { pairs, classes } = await openDataSet(citySection(folder));
  t.equal(classes, 19);
  t.strictSame(
    pairs.map(({ image }) => image.slice(folder.length + 1)),
    [
      'leftImg8bit/train/aachen/aachen_1_leftImg8bit.png',
      'leftImg8bit/train/aachen/aachen_2_leftImg8bit.png',
      'leftImg8bit/train/bonn/bonn_1_leftImg8bit.png',
    ],
  );
  for (const { image, label } of pairs) {
    t.equal(label, image.replace('leftImg8bit/', 'gtFine/').replace('_leftImg8bit.', '_gtFine_labelTrainIds.'));
  }
});

t.test(
  'Cityscapes with a file that has no partner is refused, where PaddleSeg gives images the labels of others',
  async (t) => {
    const folder = t.testdir({});
    for (const name of ['aachen/aachen_1', 'aachen/aachen_2', 'aachen/aachen_3']) writeCity(folder, name);
    const label = join(folder, 'gtFine/train/aachen/aachen_1_gtFine_labelTrainIds.png');
    const fix = "Fix: PaddleSeg's tools/data/convert_cityscapes.py makes labelTrainIds";
    rmSync(label);
    const image = join(folder, 'leftImg8bit/train/aachen/aachen_1_leftImg8bit.png');
    await t.rejects(openDataSet(citySection(folder)), {
      name: 'UserError',
      message: `Cannot use test.yml:3: ${image} has no *_gtFine_labelTrainIds.png label of its name; a label for every image is wanted. ${fix}`,
    });
    rmSync(join(folder, 'leftImg8bit/train/aachen/aachen_3_leftImg8bit.png'));
    rmSync(image);
    await t.rejects(openDataSet(citySection(folder)), {
      message: /aachen_3_gtFine_labelTrainIds.png has no \*_leftImg8bit.png image/,
    });
    await t.rejects(openDataSet(citySection(join(folder, 'none'))), {
      message: `Cannot use test.yml:3 (dataset_root): there is no folder ${join(folder, 'none/leftImg8bit/train')}; Cityscapes with its folders leftImg8bit and gtFine is wanted`,
    });
  },
);

function listSection(folder: string, change: Record<string, unknown>) {
  const values = { type: 'Dataset', mode: 'train', dataset_root: folder, num_classes: 4, transforms: [] };
  return plainSection({ ...values, train_path: join(folder, 'list.txt'), ...change }, 'test.yml:3');
}

function citySection(folder: string) {
  return plainSection({ type: 'Cityscapes', dataset_root: folder, transforms: [] }, 'test.yml:3');
}

function writeCity(folder: string, name: string): void {
  writeTestImage(join(folder, 'leftImg8bit/train', `${name}_leftImg8bit.png`), 4, 4, 1);
  writeTestLabel(join(folder, 'gtFine/train', `${name}_gtFine_labelTrainIds.png`), 4, 4, 1);
}
