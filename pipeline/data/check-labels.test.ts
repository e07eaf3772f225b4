import { join } from 'node:path';
import t from 'tap';
import { checkLabels } from './check-labels.js';
import { writeTestDataSet, writeTestLabel } from './data-for-tests.js';
import { openDataSet } from './data-set.js';

t.test('a class that the network does not have is found, in the labels that are asked for alone', async (t) => {
  const folder = t.testdir({});
  const section = writeTestDataSet(folder, 4, []);
  writeTestLabel(join(folder, 'labels/2.png'), 24, 20, 4);
  const dataSet = await openDataSet(section);
  const checked: string[] = [];
  await checkLabels(dataSet, [3, 0, 3], (done, total) => checked.push(`${done}/${total}`));
  t.strictSame(checked, ['1/2', '2/2'], 'no file is read twice');
  await t.rejects(checkLabels(dataSet, [0, 1, 2, 3]), {
    name: 'UserError',
    message: `Cannot use the label ${join(folder, 'labels/2.png')}: the pixel at x 1, y 0 is of class 4; 0 to 3, or 255 for none, is wanted`,
  });
});

t.test('the ignored value is not a wrong class, and an image without a label is passed over', async (t) => {
  const folder = t.testdir({});
  const section = writeTestDataSet(folder, 2, []);
  writeTestLabel(join(folder, 'labels/1.png'), 24, 20, 255);
  const dataSet = await openDataSet(section);
  const [first, second] = dataSet.pairs;
  await t.resolves(checkLabels({ ...dataSet, pairs: [{ ...first!, label: null }, second!] }, [0, 1]));
});
