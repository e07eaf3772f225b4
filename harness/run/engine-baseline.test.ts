import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { Bundle } from '../golden/bundle.js';
import { figuresOf, kindNamed } from '../kinds/index.js';
import {
  faultyCase,
  makeCase,
  makeMeasurement,
  makeOwn,
  makeResult,
  makeShipped,
} from '../reporters/result-for-tests.js';
import type { CaseResult } from '../result/record/case-result.js';
import { excuseByEngine, readEngineBaseline, reviewEngineBaseline } from './engine-baseline.js';
import { failureOf } from './failure-kind.js';
import { findWaiverFaults } from './find-waiver-faults.js';

const { goldens } = makeCase();
const bundles = [
  { id: 'segnext-t', caseSha256: goldens.caseSha256, outputs: ['logits'] as readonly string[] } as Bundle,
];

async function baselineOf(t: Test, found: CaseResult) {
  const folder = join(t.testdir(), 'run');
  await mkdir(folder);
  await writeFile(join(folder, 'result.json'), JSON.stringify(makeResult([found])));
  return readEngineBaseline(folder, bundles);
}

/** One layer whose errors are these multiples of the noise. */
const failing = (own: number, accumulated: number) =>
  makeCase({
    verdict: 'fail',
    firstFault: 'decode_head.align',
    firstFaultBy: 'own',
    fault: { kind: 'forward', name: 'decode_head.align' },
    measurements: [
      makeMeasurement('backbone.norm1'),
      makeMeasurement('decode_head.align', {
        verdict: 'fail',
        noiseRatio: accumulated,
        own: makeOwn({ verdict: 'fail', noiseRatio: own, reason: 'too large' }),
      }),
      makeMeasurement('logits'),
    ],
  });
const excused = ({ measurements }: CaseResult) => measurements.filter(({ waived }) => waived !== undefined).length;

t.test('what is at most twice what the engine showed is excused, and the result says by what', async (t) => {
  const baseline = await baselineOf(t, failing(10, 20));
  const found = excuseByEngine(failing(19, 39), baseline);
  t.equal(found.verdict, 'waived');
  t.equal(excused(found), 1);
  const waivers = reviewEngineBaseline([found], baseline);
  t.match(waivers, [{ state: 'used', matched: 1, because: new RegExp(`sha256 ${baseline.sha256}$`) }]);
  t.strictSame(findWaiverFaults(found, makeResult([found], { waivers })), []);
});

t.test('what is above that fails, by its own or by its accumulated error', async (t) => {
  const baseline = await baselineOf(t, failing(10, 20));
  for (const [own, accumulated] of [
    [21, 20],
    [10, 41],
  ] as const) {
    const found = excuseByEngine(failing(own, accumulated), baseline);
    t.equal(found.verdict, 'fail');
    t.equal(excused(found), 0);
  }
});

t.test('a layer that is within its limit gets no wider one, and a new fault is the first', async (t) => {
  const before = failing(10, 20);
  const baseline = await baselineOf(t, before);
  const [first, second, last] = before.measurements;
  const changed = makeMeasurement('backbone.norm1', { verdict: 'fail', noiseRatio: 5, own: null, reason: 'too large' });
  const found = excuseByEngine({ ...before, measurements: [changed, second!, last!] }, baseline);
  t.equal(found.verdict, 'fail');
  t.equal(found.fault?.name, first!.name);
  t.equal(excused(found), 1, 'the known one is excused beside it');
});

t.test('what is missing or not finite is never excused', async (t) => {
  const baseline = await baselineOf(t, failing(10, 20));
  const found = failing(10, 20);
  const [first, second, last] = found.measurements;
  const missing = { ...second!, verdict: 'missing' as const, own: null };
  t.equal(excused(excuseByEngine({ ...found, measurements: [first!, missing, last!] }, baseline)), 0);
  const endless = { ...second!, figures: second!.figures.map((one) => ({ ...one, value: null })), reason: 'NaN' };
  t.equal(excused(excuseByEngine({ ...found, measurements: [first!, endless, last!] }, baseline)), 0);
});

t.test('what was not measured is not excused', async (t) => {
  const baseline = await baselineOf(t, failing(10, 20));
  const found = failing(10, 20);
  const [first, second, last] = found.measurements;
  const lostOwn = { ...second!, own: null };
  t.equal(excused(excuseByEngine({ ...found, measurements: [first!, lostOwn, last!] }, baseline)), 0, 'its own error');
  // All its figures are within the limits: what fails is something else, as another output of the untouched graph.
  const fails = makeMeasurement('logits', { verdict: 'fail', reason: 'elsewhere' });
  const elsewhere = excuseByEngine({ ...found, measurements: [first!, second!, fails] }, baseline);
  t.strictSame([elsewhere.verdict, excused(elsewhere)], ['fail', 1]);
});

t.test('an output whose repeats are apart is not excused', async (t) => {
  const spread = {
    kind: 'forward',
    ...{ relRms: null, maxOverRms: null },
    figures: figuresOf(kindNamed('forward'), {}),
  };
  const before = failing(10, 20);
  const [first, second] = before.measurements;
  const output = makeMeasurement('logits', { verdict: 'fail', noiseRatio: 10, own: null });
  const known = { ...before, measurements: [first!, second!, output], shipped: makeShipped(output) };
  const baseline = await baselineOf(t, known);
  t.equal(excuseByEngine(known, baseline).verdict, 'waived', 'without repeats');
  const unsteady = { ...known, shipped: makeShipped({ ...output, spread }) };
  t.equal(excuseByEngine(unsteady, baseline).verdict, 'fail');
  t.equal(failureOf(unsteady, output), 'not-finite', 'nor is it by a waiver of an error');
});

t.test('a run whose failures were let through is no baseline', async (t) => {
  const baseline = await baselineOf(t, failing(10, 20));
  const found = excuseByEngine(failing(19, 39), baseline);
  const result = makeResult([found], { waivers: reviewEngineBaseline([found], baseline) });
  const run = join(t.testdirName, 'run');
  await writeFile(join(run, 'result.json'), JSON.stringify(result));
  await t.rejects(readEngineBaseline(run, bundles), { message: /failures of its segnext-t were let through/ });
});

t.test('a baseline of another engine, version, precision or bundle is refused', async (t) => {
  const baseline = await baselineOf(t, failing(10, 20));
  for (const change of [{ engine: 'another' }, { version: '2' }, { provider: 'CPUExecutionProvider, bf16' }])
    t.throws(() => excuseByEngine({ ...faultyCase(), engine: { ...makeCase().engine!, ...change } }, baseline), {
      name: 'UserError',
      message:
        /it is of onnxruntime-node 1\.26\.0 on cpu, .*; a run of the same engine, version and precision is wanted/,
    });
  const details = { precision: 'bf16', asked: 'f32' };
  t.throws(() => excuseByEngine({ ...faultyCase(), engine: { ...makeCase().engine!, details } }, baseline), {
    message: /it computes in bf16, and f32 was asked for; an engine in the precision that is judged is wanted/,
  });
  const run = join(t.testdirName, 'run');
  await t.rejects(readEngineBaseline(run, [{ ...bundles[0]!, id: 'other' }]), { message: /it has no other; a run of/ });
  await t.rejects(readEngineBaseline(run, [{ ...bundles[0]!, caseSha256: 'f' }]), { message: /had other goldens/ });
  await t.rejects(readEngineBaseline(run, [{ ...bundles[0]!, precision: 'fp16' }]), {
    name: 'UserError',
    message: /its segnext-t was judged by the noise of float32; that of fp16 is wanted/,
  });
});
