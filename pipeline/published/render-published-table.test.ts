import t from 'tap';
import { publishedModes } from '../../models/released-model.js';
import { releasedModels } from '../../models/segnext/released.js';
import { publishedTests } from './published-modes.js';
import { type PublishedRow, publishedDifference, renderPublishedTable } from './render-published-table.js';

const [tiny, , , large] = releasedModels;
const whole = { images: 500, classes: { present: 19, all: 19 } };

t.test('ours stands beside the published figure, with the difference in points', async (t) => {
  const rows: PublishedRow[] = [
    { model: tiny!, mode: 'ss', mIoU: 0.8104, ...whole },
    { model: tiny!, mode: 'flip', mIoU: 0.81191, ...whole },
    { model: tiny!, mode: 'ms+flip', mIoU: 0.81424, ...whole },
    { model: large!, mode: 'ss', mIoU: 0.9, ...whole },
  ];
  t.equal(
    renderPublishedTable(rows),
    [
      'Model      Mode     mIoU %  Published  Difference',
      'segnext-t  ss        81.04      81.04        0.00',
      'segnext-t  flip      81.19      81.20       −0.01',
      'segnext-t  ms+flip   81.42      81.43       −0.01',
      'segnext-l  ss        90.00      83.32       +6.68',
    ].join('\n'),
  );
  t.equal(publishedDifference(rows[3]!)!.toFixed(2), '6.68');
});

t.test('figures of other data are not subtracted', async (t) => {
  const row: PublishedRow = { model: tiny!, mode: 'ss', mIoU: 0.8, images: 12, classes: { present: 11, all: 19 } };
  t.equal(
    renderPublishedTable([row]),
    [
      'Model      Mode  mIoU %  Published  Difference',
      'segnext-t  ss     80.00      81.04           –',
      'The published figures are of the 500 images of Cityscapes val; these are of 12 with 11 of 19 classes, so no difference is given.',
    ].join('\n'),
  );
  t.equal(publishedDifference(row), null);
});

t.test('a figure that is not a number is never shown as equal', async (t) => {
  t.match(renderPublishedTable([{ model: tiny!, mode: 'ss', mIoU: Number.NaN, ...whole }]), /NaN +81\.04 +\+NaN/);
});

t.test('the modes are those of the published columns', async (t) => {
  t.strictSame(Object.keys(publishedTests), [...publishedModes]);
  t.match(publishedTests['ms+flip'], { augmented: true, scales: [0.75, 1, 1.25], flipHorizontal: true, windows: null });
  t.match(publishedTests.flip, { augmented: true, scales: [1], flipHorizontal: true, flipVertical: false });
  t.equal(publishedTests.ss.augmented, false);
});
