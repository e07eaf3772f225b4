import t from 'tap';
import {
  evaluatedCase,
  makeCase,
  makeMeasurement,
  makeOwn,
  makeResult,
  makeShipped,
} from '../reporters/result-for-tests.js';
import type { CaseResult, TriedSize } from '../result/record/case-result.js';
import type { Result } from '../result/record/result.js';
import { cpuClass, defaultFactor, judgeBaseline } from './judge-baseline.js';

const of = (changes: Parameters<typeof makeMeasurement>[1], more: Partial<CaseResult> = {}): Result =>
  makeResult([
    makeCase({
      measurements: [makeMeasurement('norm', { noiseRatio: 1, maxRatio: 2, own: null, ...changes })],
      shipped: null,
      ...more,
    }),
  ]);
const good = of({});

t.test('the same run again is no worse', async (t) => {
  t.match(judgeBaseline(good, good), {
    verdict: 'pass',
    compared: 2,
    findings: { length: 0 },
    factor: 2,
    runId: good.runId,
  });
});

t.test('a multiple that grew by more than the factor fails, though far below its limit', async (t) => {
  const { verdict, findings } = judgeBaseline(of({ noiseRatio: 2.1 }), good);
  t.equal(verdict, 'fail');
  t.strictSame(findings, [
    {
      case: 'ort/segnext-t',
      probe: 'norm',
      what: 'worse',
      figure: 'accumulated',
      actual: 2.1,
      expected: 1,
      reason: '2.1 × the noise; it was 1 ×, and at most 2 × is wanted',
    },
  ]);
  t.equal(judgeBaseline(of({ noiseRatio: 2 }), good).verdict, 'pass');
  t.equal(judgeBaseline(of({ noiseRatio: 2.1 }), good, { factor: 3, because: 'a test' }).verdict, 'pass');
  t.equal(judgeBaseline(good, of({ noiseRatio: 2.1 })).verdict, 'pass', 'to become better is not a fault');
});

t.test('below the floor nothing is worse than anything', async (t) => {
  t.equal(judgeBaseline(of({ noiseRatio: 0.3 }), of({ noiseRatio: 0.1 })).verdict, 'pass');
  t.equal(judgeBaseline(of({ noiseRatio: 1.99 }), of({ noiseRatio: 0 })).verdict, 'pass');
  t.equal(judgeBaseline(of({ noiseRatio: 2.01 }), of({ noiseRatio: 0 })).verdict, 'fail');
  t.equal(
    judgeBaseline(of({ maxRatio: 3.99 }), of({ maxRatio: 0.5 })).verdict,
    'pass',
    'single elements have a floor of 2',
  );
  t.match(judgeBaseline(of({ maxRatio: 4.01 }), of({ maxRatio: 0.5 })).findings, [{ figure: 'largest' }]);
});

t.test('own errors and the logits as they are shipped are held too', async (t) => {
  const own = (noiseRatio: number, maxRatio: number) => of({ own: makeOwn({ noiseRatio, maxRatio }) });
  t.match(judgeBaseline(own(3, 1), own(1, 1)).findings, [{ figure: 'own', actual: 3 }]);
  t.match(judgeBaseline(own(1, 5), own(1, 1)).findings, [{ figure: 'own largest', actual: 5 }]);
  const shipped = (noiseRatio: number) => of({}, { shipped: makeShipped(makeMeasurement('logits', { noiseRatio })) });
  t.match(judgeBaseline(shipped(3), shipped(1)).findings, [{ figure: 'as shipped', probe: 'logits' }]);
});

t.test('a figure that is measured no more has vanished, though its probe is there', async (t) => {
  const own = of({ own: makeOwn({ noiseRatio: 1, maxRatio: 1 }) });
  t.match(judgeBaseline(good, own), {
    verdict: 'fail',
    findings: [
      { what: 'vanished', probe: 'norm', figure: 'own', expected: 1, actual: null },
      { what: 'vanished', figure: 'own largest', reason: 'the figure is no longer there' },
    ],
  });
  const shipped = of({}, { shipped: makeShipped(makeMeasurement('norm')) });
  t.match(judgeBaseline(good, shipped).findings, [{ figure: 'as shipped' }, { figure: 'as shipped, largest' }]);
  t.equal(judgeBaseline(own, good).verdict, 'pass', 'a new one is not a fault');
});

t.test('what has no finite error any more is worse', async (t) => {
  const { verdict, findings } = judgeBaseline(of({ noiseRatio: null, verdict: 'fail' }), good);
  t.equal(verdict, 'fail');
  t.match(findings[0]?.reason, 'it has no finite error any more; it was 1 × the noise');
});

t.test('a probe and a case that vanished fail; new ones do not', async (t) => {
  const two = makeResult([makeCase(), makeCase({ port: 'tfjs' })]);
  t.match(judgeBaseline(makeResult([makeCase()]), two), {
    verdict: 'fail',
    findings: [{ case: 'tfjs/segnext-t', what: 'vanished', probe: null, reason: 'the case is no longer there' }],
  });
  t.equal(judgeBaseline(two, makeResult([makeCase()])).verdict, 'pass');
  const [first, ...rest] = makeCase().measurements;
  const fewer = makeResult([makeCase({ measurements: rest })]);
  t.match(judgeBaseline(fewer, makeResult([makeCase()])), {
    verdict: 'fail',
    findings: [{ what: 'vanished', probe: first!.name }],
  });
  t.equal(judgeBaseline(makeResult([makeCase()]), fewer).verdict, 'pass');
  const missing = of({ verdict: 'missing', compared: 0, noiseRatio: null, maxRatio: null });
  t.match(judgeBaseline(missing, good).findings[0], { what: 'vanished' });
  const crashed = makeResult([makeCase({ verdict: 'error', reason: 'it crashed', measurements: [], shipped: null })]);
  t.match(judgeBaseline(crashed, good).findings, [
    { what: 'vanished', reason: 'its probes are not there: it crashed' },
  ]);
});

t.test('a free size that is no longer tried has vanished', async (t) => {
  const tried = (verdict: 'pass' | 'fail' | 'not-tried') =>
    of(
      {},
      { sizes: [{ what: 'batch', image: [2, 3, 4, 4], verdict, reason: null, figures: [] } as unknown as TriedSize] },
    );
  const [vanished] = judgeBaseline(tried('not-tried'), tried('pass')).findings;
  t.match(vanished, { what: 'vanished', reason: 'the batch of two is no longer tried' });
  t.match(judgeBaseline(good, tried('pass')).findings, [{ what: 'vanished' }]);
  t.equal(judgeBaseline(tried('pass'), tried('pass')).verdict, 'pass');
  t.equal(judgeBaseline(tried('pass'), tried('not-tried')).verdict, 'pass');
});

t.test('a case that was not asked for is left out', async (t) => {
  const two = makeResult([makeCase(), makeCase({ port: 'tfjs' })]);
  const found = judgeBaseline(makeResult([makeCase()]), two, defaultFactor, ({ port }) => port === 'ort');
  t.equal(found.verdict, 'pass');
});

t.test('another CPU, engine or golden is inconclusive, and what vanished there fails all the same', async (t) => {
  const worse = of({ noiseRatio: 3.9 });
  const machine = { ...good.machine, cpu: 'Another processor' };
  const engine = { ...good.cases[0]!.engine!, version: '1.27.0' };
  const goldens = { madeBy: 'paddlepaddle 3.3.1', caseSha256: 'f'.repeat(64) };
  for (const [baseline, reason] of [
    [
      { ...good, machine },
      'the CPU is another: A processor, linux x64; that of the baseline is Another processor, linux x64',
    ],
    [of({}, { engine }), /^the engine is another: onnxruntime-node 1\.26\.0 on cpu .*1\.27\.0/],
    [of({}, { engine: { ...engine, version: '1.26.0', device: 'gpu' } }), /^the engine is another/],
    [of({}, { goldens }), 'the golden is another: 0123456789ab; that of the baseline is ffffffffffff'],
    [
      of({}, { goldens: { ...good.cases[0]!.goldens, precision: 'fp16' } }),
      'the precision is another: float32; that of the baseline is fp16',
    ],
  ] as const) {
    const found = judgeBaseline(worse, baseline);
    t.match(found, { verdict: 'not-run', compared: 0, findings: [{ what: 'inconclusive', reason }] });
  }
  const vanished = judgeBaseline(makeResult([]), { ...good, machine });
  t.equal(vanished.verdict, 'fail');
});

t.test('a CPU is known by its model, whatever its clock', async (t) => {
  const class1 = cpuClass({ platform: 'linux x64', cpu: 'Intel(R) Xeon(R) CPU E5-2680 v4 @ 2.40GHz' });
  t.equal(class1, 'Intel Xeon E5-2680 v4, linux x64');
  t.equal(cpuClass({ platform: 'linux x64', cpu: 'Intel Xeon E5-2680 v4 @ 3.1 GHz' }), class1);
  t.not(cpuClass({ platform: 'linux arm64', cpu: 'Intel Xeon E5-2680 v4' }), class1);
});

t.test('probes that are not informative have no multiple', async (t) => {
  const odd = (noiseRatio: number) =>
    makeResult([
      makeCase({
        measurements: [makeMeasurement('a'), makeMeasurement('b', { verdict: 'uninformative', noiseRatio })],
      }),
    ]);
  t.equal(judgeBaseline(odd(60), odd(1)).verdict, 'pass');
});

t.test('where nothing can be compared, it is an error', async (t) => {
  const refused = (run: Result, baseline: Result, message: RegExp, isAsked?: () => boolean) =>
    t.throws(() => judgeBaseline(run, baseline, defaultFactor, isAsked), { name: 'UserError', message });
  refused(
    good,
    good,
    /: it ran ort\/segnext-t, and none of what is asked for; a run of the same ports and bundles is wanted$/,
    () => false,
  );
  refused({ ...good, partial: true }, good, /only some of the probes were asked for; .* Fix: leave out --only$/);
  refused(good, { ...good, partial: true }, /it holds only some of the probes/);
  const labels = makeResult([evaluatedCase({ measurements: [makeMeasurement('single/mIoU')] })]);
  refused(labels, labels, /its cases hold no multiple of the noise/);
});
