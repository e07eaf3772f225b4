import { join } from 'node:path';
import t from 'tap';
import { compareFolders } from './compare-folders.js';
import { judgeMetrics } from './judge-metrics.js';
import { measurePredictions } from './measure-predictions.js';
import { parseTipcMetrics } from './metrics-file.js';
import { writePictures } from './pictures-for-tests.js';
import { segmentationMetrics } from './segmentation-metrics.js';

const truth = [
  [0, 0, 1],
  [1, 1, 255],
];

t.test('predictions are counted against the ground truth of their name, without what is ignored', async (t) => {
  const folder = t.testdir({});
  const predictions = await writePictures(join(folder, 'p'), {
    'a.png': [
      [0, 1, 1],
      [1, 1, 0],
    ],
  });
  const truths = await writePictures(join(folder, 'gt'), { 'deep/a.png': truth, 'b.png': truth });
  const found = await measurePredictions(predictions, truths, 2, 255);
  t.match(found, { images: 1, unused: 1 });
  t.strictSame([...found.confusion.counts], [1, 1, 0, 3]);
  const metrics = segmentationMetrics(found, 1);
  // By hand: class 0 has 1 of 2, class 1 has 3 of 4; 4 of 5 pixels are right; chance is (1·2 + 4·3) / 25.
  t.equal(metrics.get('mIoU'), (1 / 2 + 3 / 4) / 2);
  t.equal(metrics.get('Acc'), 4 / 5);
  t.ok(Math.abs((metrics.get('Kappa') as number) - (4 / 5 - 14 / 25) / (1 - 14 / 25)) < 1e-12);
  t.strictSame(metrics.get('Class IoU'), [1 / 2, 3 / 4]);
  t.strictSame(metrics.get('Class Acc'), [1, 3 / 4]);
  t.equal(metrics.get('#Images'), 1);
});

t.test('Cityscapes names are paired, whatever else gtFine holds', async (t) => {
  const folder = t.testdir({});
  const predictions = await writePictures(join(folder, 'p'), { 'x_000001_000019_leftImg8bit.png': [[0]] });
  const truths = await writePictures(join(folder, 'gt'), {
    'val/x/x_000001_000019_gtFine_labelTrainIds.png': [[0]],
    'val/x/x_000001_000019_gtFine_labelIds.png': [[7]],
    'val/x/x_000001_000019_gtFine_color.png': [[7]],
  });
  t.strictSame([...(await measurePredictions(predictions, truths, 1, 255)).confusion.counts], [1]);
});

t.test('what TIPC resizes, drops or does not see is an error', async (t) => {
  const cases: readonly (readonly [Record<string, number[][]>, Record<string, number[][]>, RegExp])[] = [
    [
      { 'a.png': [[0, 0]] },
      { 'a.png': [[0], [0]] },
      /a\.png: it is 2×1 and they are 1×2; equal sizes are wanted\. Fix: predict at the size/,
    ],
    [
      { 'a.png': [[0]] },
      { 'b.png': [[0]] },
      /holds no label of its name; a\.png or a_gtFine_labelTrainIds\.png is wanted/,
    ],
    [
      { 'a.png': [[2]] },
      { 'a.png': [[0]] },
      /p\/a\.png: a pixel of it is 2; classes 0 to 1 are wanted\. Fix: --num_classes$/,
    ],
    [
      { 'a.png': [[0]] },
      { 'a.png': [[2]] },
      /gt\/a\.png: a pixel of it is 2; classes 0 to 1, or 255 for what is ignored, are wanted/,
    ],
    [{ 'a.png': [[0]] }, { 'a.png': [[0]], 'x/a.png': [[0]] }, /are both called a; one label of each name is wanted$/],
    [{ 'a.png': [[0]], 'x/a.png': [[0]] }, { 'a.png': [[0]] }, /another prediction is called a, too/],
    [{ 'a.jpg': [[0]] }, { 'a.png': [[0]] }, /p: it holds no PNG; label pictures are wanted$/],
  ];
  for (const [predictions, truths, message] of cases) {
    const folder = t.testdir({});
    const [p, gt] = [
      await writePictures(join(folder, 'p'), predictions),
      await writePictures(join(folder, 'gt'), truths),
    ];
    await t.rejects(measurePredictions(p, gt, 2, 255), { name: 'UserError', message });
  }
  await t.rejects(measurePredictions('nowhere', 'gt', 2, 255), { name: 'UserError' });
});

t.test('each number of a reference is held within atol + rtol of the prediction, those of classes too', async (t) => {
  const actual = new Map<string, number | number[]>([
    ['#Images', 5000],
    ['mIoU', 0.5],
    ['Class IoU', [0.4, 0.6]],
    ['Kappa', Number.NaN],
  ]);
  const judge = (text: string) => judgeMetrics(actual, parseTipcMetrics(text, 'r.txt'), 1e-3, 1e-3);
  t.match(judge('mIoU: 0.5014\nClass IoU: [0.4 0.6]\n'), [
    { name: 'mIoU', agrees: true, allowed: 1.5e-3 },
    { name: 'Class IoU 0', agrees: true },
    { name: 'Class IoU 1', agrees: true },
  ]);
  t.match(judge('mIoU: 0.5016'), [{ agrees: false }]);
  t.match(judge('Class IoU: [0.4 0.602]'), [{ agrees: true }, { agrees: false }]);
  t.match(judge('Kappa: 0.5'), [{ agrees: false }], 'NaN is not agreement');
  t.match(judge('#Images: 4999'), [{ agrees: false, allowed: 0 }]);
  t.throws(() => judge('mIou: 0.5'), { message: /it has the metric mIou; .* Did you mean mIoU\?$/ });
  t.throws(() => judge('Class IoU: [0.4]'), {
    message: /its Class IoU has 1 numbers; 2 are wanted.* Fix: --num_classes 1$/,
  });
});

t.test('two folders are compared pixel by pixel and class by class', async (t) => {
  const folder = t.testdir({});
  const a = await writePictures(join(folder, 'a'), { 'x.png': [[0, 1, 2]], 'd/y.png': [[3, 3]] });
  const b = await writePictures(join(folder, 'b'), { 'x.png': [[0, 2, 2]], 'd/y.png': [[3, 3]] });
  t.strictSame(await compareFolders(a, b), {
    images: 2,
    pixels: 5,
    different: 1,
    classes: [
      { class: 1, lost: 0, gained: 1, kept: 0 },
      { class: 2, lost: 1, gained: 0, kept: 1 },
    ],
    pictures: [{ name: 'x.png', different: 1, pixels: 3 }],
  });
  t.match(await compareFolders(a, a), { different: 0, classes: { length: 0 }, pictures: { length: 0 } });
  const c = await writePictures(join(folder, 'c'), { 'x.png': [[0, 1, 2]] });
  await t.rejects(compareFolders(a, c), {
    message: /d\/y\.png is in the first and not in the second; the same pictures are wanted in both$/,
  });
  await t.rejects(compareFolders(c, a), { message: /d\/y\.png is in the first and not in the second/ });
  const wide = await writePictures(join(folder, 'e'), { 'x.png': [[0, 1]] });
  await t.rejects(compareFolders(c, wide), { message: /it is 3×1 and they are 2×1; equal sizes are wanted/ });
});
