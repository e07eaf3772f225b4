import { join } from 'node:path';
import t from 'tap';
import { writeEvalGolden } from '../golden/eval-golden-for-tests.js';
import { readEvalGolden } from '../golden/read-eval-golden.js';
import type { PortTarget } from '../hosts/resolve-port.js';
import type { Evaluator } from '../run/evaluator.js';
import { planRun } from '../run/plan.js';
import { confusionOf } from './confusion.js';
import { evalFigures, measureFigures } from './eval-figures.js';

const names = evalFigures.map(({ name }) => name);

t.test('the figures that PaddleSeg prints come first, in its order', async (t) => {
  t.strictSame(names.slice(0, 4), ['mIoU', 'Acc', 'Kappa', 'Dice']);
  t.equal(new Set(names).size, names.length, names.join(', '));
});

t.test('they are those of the reference; an absent class counts as is said, and nothing hides a NaN', async (t) => {
  const counts = [
    [3, 1, 0],
    [2, 4, 0],
    [0, 0, 0],
  ];
  const { mIoU, ...others } = measureFigures(confusionOf(counts), 1);
  t.match(others, { Acc: 7 / 10, Kappa: (0.7 - 0.5) / (1 - 0.5), Dice: (6 / 9 + 8 / 11) / 3 });
  t.ok(Math.abs(mIoU - (3 / 6 + 4 / 7 + 1) / 3) < 1e-15);
  t.ok(Math.abs(measureFigures(confusionOf(counts), 0).mIoU - (3 / 6 + 4 / 7) / 3) < 1e-15);
  const spoiled = measureFigures(confusionOf([[Number.NaN]]), 1);
  for (const [name, value] of Object.entries(spoiled)) t.ok(Number.isNaN(value), name);
});

t.test('a golden that has other figures is refused before anything runs', async (t) => {
  const folder = join(t.testdir(), 'golden');
  await writeEvalGolden(folder, 1, (file) => Object.assign((file.modes as object[])[0]!, { FWIoU: 0.5 }));
  const evaluations = { goldens: [await readEvalGolden(folder)], evaluator: {} as Evaluator };
  t.throws(() => planRun({ ports: [{} as PortTarget], bundles: [], evaluations }), {
    name: 'UserError',
    message: `Cannot judge by test-golden: mode single of ${folder}/golden.json has the figures mIoU, Acc, Kappa, Dice, FWIoU; ${names.join(', ')} are wanted (docs/eval-goldens.md)`,
  });
});
