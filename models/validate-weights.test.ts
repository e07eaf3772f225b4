import t from 'tap';
import { EnvironmentError } from '../harness/support/errors.js';
import { validateDraws, validateWeights } from './validate-weights.js';

const expected = new Map([
  ['a.weight', [2, 3]],
  ['a.bias', [2]],
]);
const weights = (entries: [string, number[]][]) => new Map(entries.map(([name, shape]) => [name, { shape }]));

t.test('the same names and shapes are accepted in any order', async () => {
  validateWeights(
    weights([
      ['a.bias', [2]],
      ['a.weight', [2, 3]],
    ]),
    expected,
  );
});

t.test('a missing, a misshapen and an unexpected one are named', async (t) => {
  const refuse = (given: [string, number[]][], message: string) =>
    t.throws(() => validateWeights(weights(given), expected), new EnvironmentError(message));
  refuse([['a.bias', [2]]], 'Cannot load the weights: a.weight is missing; [2, 3] is wanted');
  refuse(
    [
      ['a.weight', [3, 2]],
      ['a.bias', [2]],
    ],
    'Cannot load the weights: a.weight is [3, 2]; [2, 3] is wanted',
  );
  refuse(
    [
      ['a.weight', [2, 3]],
      ['a.bias', [2]],
      ['b', [1]],
    ],
    'Cannot load the weights: b is given; the model has nothing of that name',
  );
});

t.test('draws are told apart from weights in the sentence', async (t) => {
  t.throws(
    () => validateDraws(weights([]), new Map([['ham.bases', [1, 2, 3]]])),
    new EnvironmentError('Cannot use the draws: ham.bases is missing; [1, 2, 3] is wanted'),
  );
});
