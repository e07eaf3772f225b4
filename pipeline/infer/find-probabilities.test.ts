import t from 'tap';
import { areProbabilities } from './find-probabilities.js';

const planes = (channels: number, data: number[]) => ({
  channels,
  height: 1,
  width: data.length / channels,
  data: Float32Array.from(data),
});

t.test('probabilities are told by their sum, logits by any pixel', async (t) => {
  t.ok(areProbabilities(planes(2, [0.25, 1, 0.75, 0])));
  t.notOk(areProbabilities(planes(2, [0.25, 0.5, 0.75, 0.4])), 'a sum of 0.9');
  t.notOk(areProbabilities(planes(2, [0.25, 2, 0.75, -1])), 'a sum of 1, and no shares');
  t.notOk(areProbabilities(planes(2, [0.25, Number.NaN, 0.75, 0])), 'NaN');
  t.notOk(areProbabilities(planes(1, [1, 1])), 'one class');
});
