import t from 'tap';
import { tinyBundle } from '../../test/tiny-bundle.js';
import type { PortHost } from '../hosts/subprocess-host.js';
import { figuresOf, kindNamed } from '../kinds/index.js';
import { makeCase, makeMeasurement, makeOwn, makeResult } from '../reporters/result-for-tests.js';
import type { TriedSize } from '../result/record/case-result.js';
import { EnvironmentError, UserError } from '../support/errors.js';
import { findContradictions } from './find-contradictions.js';
import type { PlannedCase } from './plan.js';
import { findFailingSize, trySizes } from './try-sizes.js';
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
  const untried = { verdict: 'not-tried' as const, reason: 'why', apart: null };
  t.strictSame(of(tried(1, untried)), []);
  t.match(of(tried(1, { ...untried, reason: null })), [/its batch is not-tried, and no reason says why$/]);
  t.match(of(tried(1, { verdict: 'not-tried', reason: 'why' })), [/its batch was not tried, and has figures$/]);
  t.match(of(tried(1, { reason: 'it mixes' })), [/its batch passes, and has the reason it mixes$/]);
  const twice = makeResult([makeCase({ sizes: [tried(1), tried(1)] })]);
  t.match(findContradictions(twice), [/its batch stands there twice$/]);
  t.match(of(tried(1, { apart: wide })), [/the limit of rms of its batch is 99/, /the limit of largest/]);
});

t.test('a trial that breaks off leaves what was measured', async (t) => {
  const broken = (error: Error, alive: boolean) => {
    const host = { alive, trySizes: () => Promise.reject(error) } as unknown as PortHost;
    const bundle = tinyBundle();
    const planned = { port: { name: 'm.onnx', about: { kind: 'adapter' }, module: '' }, bundle };
    const outputs = bundle.probes.filter(({ name }) => name === 'logits');
    return trySizes(host, planned as unknown as PlannedCase, outputs);
  };
  t.match(await broken(new EnvironmentError('Cannot run port m.onnx: it was killed'), false), [
    { what: 'size', verdict: 'fail', reason: /broke off: .* it was killed$/, apart: null },
  ]);
  t.match(await broken(new UserError('Cannot run m.onnx: it is refused'), true), [
    { verdict: 'fail', reason: /broke off: .* it is refused$/ },
  ]);
  await t.rejects(
    broken(new EnvironmentError('Cannot find it'), true),
    /Cannot find it/,
    'a fault of ours is no result',
  );
  await t.rejects(broken(new TypeError('a bug'), false), /a bug/);
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
