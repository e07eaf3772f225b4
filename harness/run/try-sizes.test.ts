import t from 'tap';
import { figuresOf, kindNamed } from '../kinds/index.js';
import { makeCase, makeMeasurement, makeOwn, makeResult } from '../reporters/result-for-tests.js';
import type { TriedSize } from '../result/record/case-result.js';
import { findContradictions } from './find-contradictions.js';
import { findFailingSize } from './try-sizes.js';
import { waiveCase } from './waive.js';

const batch = kindNamed('batch');
const tried = (rms: number | null, changes: Partial<TriedSize> = {}): TriedSize => ({
  ...{ what: 'batch', image: [2, 3, 4, 8], verdict: 'pass', reason: null },
  apart: { kind: 'batch', figures: figuresOf(batch, { rms, largest: rms }) },
  ...changes,
});
const failing = tried(50, { verdict: 'fail', reason: 'it mixes' });

t.test('a size that fails is said with the image', async (t) => {
  t.equal(findFailingSize([tried(1)]), null);
  t.equal(findFailingSize(), null);
  t.equal(findFailingSize([tried(null, { verdict: 'not-tried', reason: 'why', apart: null })]), null);
  t.equal(
    findFailingSize([tried(1), failing]),
    'the file declares free sizes, and fails at a batch of two, [2, 3, 4, 8]: it mixes',
  );
});

t.test('a stored case does not pass beside a size that fails', async (t) => {
  const of = (size: TriedSize) => findContradictions(makeResult([makeCase({ sizes: [size] })]));
  t.strictSame(of(tried(1)), []);
  t.match(of(failing), [/it passes, and a size that its file declares does not$/]);
  t.match(of(tried(5)), [/its batch passes with rms 5; at most 4 × noise is allowed$/]);
  t.match(of(tried(null)), [/its batch passes with rms not finite/, /largest not finite/]);
  t.match(of(tried(1, { apart: null })), [/its batch passes, and nothing of it was compared$/]);
  const wide = {
    kind: 'batch',
    figures: figuresOf(batch, { rms: 1, largest: 1 }).map((one) => ({ ...one, limit: 99 })),
  };
  t.match(of(tried(1, { apart: wide })), [/the limit of rms of its batch is 99/, /the limit of largest/]);
});

t.test('no waiver lets a size through', async (t) => {
  const measurements = [
    makeMeasurement('norm', { verdict: 'fail', noiseRatio: 50, reason: 'r', own: makeOwn({ verdict: 'fail' }) }),
    makeMeasurement('logits'),
  ];
  const waiver = {
    ...{ port: 'ort', bundle: 'segnext-t', probe: 'norm', failure: 'disagrees' as const },
    ...{ because: 'known', link: null, until: null, source: 'w.yaml' },
  };
  const found = makeCase({ verdict: 'fail', measurements });
  t.equal(waiveCase(found, [waiver], '2026-11-27').verdict, 'waived');
  t.match(waiveCase({ ...found, sizes: [failing] }, [waiver], '2026-11-27'), { verdict: 'fail', reason: /it mixes$/ });
});
