import t from 'tap';
import { timesNoise } from '../result/record/case-result.js';
import { faultyCase, makeCase, makeMeasurement, makeOwn, missingCase } from './result-for-tests.js';
import { kindOf, summariseCase } from './summarise-case.js';

t.test('a summary counts what is faulty, what inherits and what agrees', async (t) => {
  const { counts, worst, worstOwn, culprit, culpritBy, faulty } = summariseCase(faultyCase());
  t.same(counts, { faulty: 1, missing: 0, suspect: 0, inherits: 1, waived: 0, uninformative: 0, agrees: 1 });
  t.equal(worst?.name, 'decode_head.align');
  t.equal(timesNoise(worstOwn?.own), 412);
  t.equal(culprit?.name, 'decode_head.align');
  t.equal(culpritBy, 'own');
  t.same(
    faulty.map(({ name }) => name),
    ['decode_head.align'],
  );
});

t.test('a missing probe is missing, and NaN without an own error is suspect', async (t) => {
  t.match(summariseCase(missingCase()).counts, { missing: 1, suspect: 1, agrees: 1 });
});

t.test('a probe whose own error fails is faulty although its accumulated error passes', async (t) => {
  t.equal(kindOf(makeMeasurement('a', { own: makeOwn({ verdict: 'fail' }) })), 'faulty');
});

t.test('what is not informative never counts as worst, nor as agreeing', async (t) => {
  const measurements = [makeMeasurement('a', { verdict: 'uninformative', noiseRatio: 50 }), makeMeasurement('b')];
  const { counts, worst } = summariseCase(makeCase({ measurements }));
  t.match(counts, { uninformative: 1, agrees: 1 });
  t.equal(worst?.name, 'b');
});
