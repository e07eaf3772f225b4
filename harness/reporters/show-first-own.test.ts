import t from 'tap';
import { timesNoise } from '../result/record/case-result.js';
import { makeMeasurement } from './result-for-tests.js';
import { showFirstOwn } from './show-first-own.js';

const shown = (measurements: Parameters<typeof showFirstOwn>[0]) =>
  showFirstOwn(measurements).map(({ own }) => timesNoise(own));

t.test('the own error of the first probes, with no complete one before them, is their accumulated one', async (t) => {
  const sampled = makeMeasurement('a', { noiseRatio: 1, own: null, sampled: true });
  const first = makeMeasurement('b', { noiseRatio: 2, own: null });
  const second = makeMeasurement('c', { noiseRatio: 3 });
  t.strictSame(shown([sampled, first, second]), [1, 2, 2.1]);
  const later = makeMeasurement('d', { noiseRatio: 3, own: null });
  t.strictSame(shown([first, later, second]), [2, null, 2.1], 'a complete one precedes the second');
  const missing = makeMeasurement('e', { verdict: 'missing', noiseRatio: null, compared: 0, own: null });
  t.strictSame(shown([missing, first, second]), [null, 2, 2.1]);
});

t.test('where no probe has an own error, none is shown', async (t) => {
  t.strictSame(shown([makeMeasurement('a', { own: null }), makeMeasurement('b', { own: null })]), [null, null]);
});
