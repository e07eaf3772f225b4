import t from 'tap';
import {
  renderCount,
  renderDuration,
  renderFloat,
  renderRatio,
  renderScientific,
  renderShape,
  renderTimes,
} from './figures.js';

t.test('a multiple of the noise has the digits that matter', async (t) => {
  const ratios = [0, 0.001, 0.43, 0.994, 0.996, 1.31, 9.94, 9.96, 412.3, 99_999, 123_456, 3.2e7];
  const texts = ['0', '<0.01', '0.43', '0.99', '1.0', '1.3', '9.9', '10', '412', '99999', '1.2e5', '3.2e7'];
  t.same(ratios.map(renderRatio), texts);
  t.equal(renderTimes(1.31), '1.3×');
});

t.test('what has no number is a dash', async (t) => {
  for (const none of [null, undefined, Number.NaN, Number.POSITIVE_INFINITY]) {
    t.same([renderTimes(none), renderScientific(none), renderDuration(none), renderFloat(none)], ['–', '–', '–', '–']);
  }
});

t.test('errors, values, times, shapes and counts read as people write them', async (t) => {
  t.same([3.72e-7, 0, 12].map(renderScientific), ['3.7e-7', '0', '1.2e1']);
  t.equal(renderFloat(Math.fround(0.1)), '0.100000001');
  t.same([0.2, 840.4, 1304, 42_000, 125_000].map(renderDuration), ['0 ms', '840 ms', '1.3 s', '42 s', '2 min 5 s']);
  t.same([renderShape([1, 3, 64, 128]), renderShape([])], ['1×3×64×128', 'scalar']);
  t.same([renderCount(1, 'probe'), renderCount(0, 'probe')], ['1 probe', '0 probes']);
});
