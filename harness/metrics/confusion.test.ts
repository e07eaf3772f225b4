import t from 'tap';
import { classIou, confusionOf, meanIou, sameConfusion, sumConfusions } from './confusion.js';

// Labels: 4 of class 0, 2 of class 1, none of class 2; one pixel of class 0 is taken for class 1.
const confusion = confusionOf([
  [3, 1, 0],
  [0, 2, 0],
  [0, 0, 0],
]);

t.test('the IoU of a class is what both say over what either says', async (t) => {
  t.same(classIou(confusion), [3 / 4, 2 / 3, null], 'an absent class has none');
});

t.test('an absent class counts 1 in the mean, as in the reference, or is left out', async (t) => {
  t.equal(meanIou(confusion, 1), (3 / 4 + 2 / 3 + 1) / 3);
  t.equal(meanIou(confusion, 'skip'), (3 / 4 + 2 / 3) / 2);
});

t.test('a class that is only predicted has IoU 0 and is not absent', async (t) => {
  const predicted = confusionOf([
    [1, 1],
    [0, 0],
  ]);
  t.same(classIou(predicted), [1 / 2, 0]);
  t.equal(meanIou(predicted, 'skip'), 1 / 4);
});

t.test('confusions add up over images', async (t) => {
  const sum = sumConfusions(3, [confusion, confusion]);
  t.same([...sum.counts], [6, 2, 0, 0, 4, 0, 0, 0, 0]);
  t.ok(sameConfusion(confusion, confusion));
  t.notOk(sameConfusion(sum, confusion));
  t.notOk(sameConfusion(confusionOf([[1]]), confusion), 'of different sizes');
});
