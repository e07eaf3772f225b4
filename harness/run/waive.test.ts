import t from 'tap';
import type { Waiver } from '../config/waivers.js';
import {
  errorCase,
  evaluatedCase,
  faultyCase,
  makeCase,
  makeMeasurement,
  makeOwn,
  makeResult,
  makeShipped,
  missingCase,
} from '../reporters/result-for-tests.js';
import type { CaseResult } from '../result/record/case-result.js';
import { findContradictions } from './find-contradictions.js';
import { joinWaivers, reviewWaivers } from './review-waivers.js';
import { exitCodeOfVerdict, summariseRun } from './summarise.js';
import { waiveCase } from './waive.js';

const today = '2026-11-27';

function waiver(changes: Partial<Waiver> = {}): Waiver {
  return {
    port: 'ort',
    bundle: 'segnext-t',
    probe: 'decode_head.align',
    failure: 'disagrees',
    because: 'a known fault of the engine',
    link: 'https://example.org/7',
    until: '2026-12-31',
    source: 'known.yaml',
    ...changes,
  };
}

function run(cases: readonly CaseResult[], waivers: readonly Waiver[], partial = false) {
  const waived = cases.map((found) => waiveCase(found, waivers, today));
  const scope = { today, partial, knownPorts: ['ort', 'tfjs'], knownBundles: ['segnext-t', 'segnext-s'] };
  const context = { runId: 'r', startedAt: new Date(`${today}T12:00:00Z`), command: [], suite: null, partial };
  return summariseRun(waived, { ...context, waivers: reviewWaivers(waived, waivers, scope) });
}

t.test('a waived layer is waived with what inherits from it, and the run is waived, which is not a pass', async (t) => {
  const result = run([faultyCase(), makeCase({ port: 'tfjs' })], [waiver()]);
  t.equal(result.verdict, 'waived');
  t.equal(exitCodeOfVerdict(result.verdict), 0);
  const [found] = result.cases;
  t.equal(found?.verdict, 'waived');
  t.strictSame(
    found?.measurements.map(({ verdict, waived }) => [verdict, waived?.inheritsFrom]),
    [
      ['pass', undefined],
      ['fail', null],
      ['fail', 'decode_head.align'],
    ],
    'the verdict of a probe stays what it is',
  );
  t.match(result.summary, /^1 of 2 cases agree with the reference, 6 probes compared, 2 failures waived\.$/);
  t.match(result.waivers, [{ state: 'used', matched: 1, note: null }]);
  t.strictSame(findContradictions(result), []);
});

t.test('another layer at fault is not waived, and becomes the first fault', async (t) => {
  const faulty = faultyCase();
  const later = makeMeasurement('later', { verdict: 'fail', own: makeOwn({ verdict: 'fail' }), reason: 'r' });
  const result = run([{ ...faulty, measurements: [...faulty.measurements, later] }], [waiver()]);
  t.equal(result.verdict, 'fail');
  t.match(result.cases[0], { verdict: 'fail', firstFault: 'later', firstFaultBy: 'own' });
  t.match(result.summary, /2 failures waived; ort\/segnext-t goes wrong first at later\.$/);
});

t.test(
  'what inherits before a waived layer, or fails in the graph without probes alone, is not waived with it',
  async (t) => {
    const faulty = faultyCase();
    const before = makeMeasurement('before', { verdict: 'fail', noiseRatio: 50, reason: 'r' });
    t.equal(run([{ ...faulty, measurements: [before, ...faulty.measurements] }], [waiver()]).verdict, 'fail');
    const [a, b, logits] = faulty.measurements;
    const shippedOnly = makeMeasurement('logits', {
      ...logits!,
      figures: makeMeasurement('logits').figures,
      reason: 'in the graph without probes, …',
    });
    t.equal(run([{ ...faulty, measurements: [a!, b!, shippedOnly] }], [waiver()]).verdict, 'fail');
  },
);

t.test('a NaN, a missing probe and a wrong shape are waived only by their names', async (t) => {
  const any = waiver({ probe: '*' });
  t.equal(run([missingCase()], [any]).verdict, 'fail');
  t.equal(run([missingCase()], [any, waiver({ probe: '*', failure: 'missing' })]).verdict, 'fail');
  const named = [waiver({ failure: 'missing' }), waiver({ probe: 'logits', failure: 'not-finite' })];
  const nan = makeMeasurement('logits', {
    verdict: 'fail',
    noiseRatio: null,
    maxRatio: null,
    own: null,
    reason: 'NaN',
  });
  const found = missingCase();
  const cases = [{ ...found, measurements: [...found.measurements.slice(0, 2), nan] }];
  t.equal(run(cases, named).verdict, 'waived');
  t.equal(run(cases, named.slice(0, 1)).verdict, 'fail');
  t.equal(run([found], named).verdict, 'fail', 'logits of another shape: nothing of them was compared');
  t.equal(run([found], [named[0]!, waiver({ probe: 'logits', failure: 'wrong-shape' })]).verdict, 'waived');
});

t.test('a NaN that only the own error or the shipped graph shows is not waived as an error', async (t) => {
  const nanOwn = makeMeasurement('decode_head.align', {
    verdict: 'fail',
    own: makeOwn({ verdict: 'fail', noiseRatio: null, maxRatio: null }),
  });
  t.equal(run([makeCase({ verdict: 'fail', measurements: [nanOwn] })], [waiver()]).verdict, 'fail');
  const logits = makeMeasurement('logits', { verdict: 'fail', noiseRatio: 9 });
  const shipped = makeShipped(makeMeasurement('logits', { verdict: 'fail', noiseRatio: null }), null);
  const found = makeCase({ verdict: 'fail', measurements: [logits], shipped });
  t.equal(run([found], [waiver({ probe: 'logits' })]).verdict, 'fail');
  t.equal(run([found], [waiver({ probe: 'logits', failure: 'not-finite' })]).verdict, 'waived');
});

t.test('a crash is waived only by its name, and a run of nothing but crashes has compared nothing', async (t) => {
  const crash = waiver({ probe: null, failure: 'crashed' });
  t.equal(run([errorCase(), makeCase({ port: 'tfjs' })], [waiver({ probe: '*' })]).verdict, 'error');
  const result = run([errorCase(), makeCase({ port: 'tfjs' })], [crash]);
  t.equal(result.verdict, 'waived');
  t.strictSame(findContradictions(result), []);
  t.equal(run([errorCase()], [crash]).verdict, 'fail');
  t.match(run([makeCase()], [crash]), {
    verdict: 'fail',
    summary: /is stale: the port did not crash\. Fix: remove it/,
  });
});

t.test(
  'a waiver holds on its last day; after it the run fails and says so, whether the port is mended or not',
  async (t) => {
    t.equal(run([faultyCase()], [waiver({ until: today })]).verdict, 'waived');
    const over = [waiver({ until: '2026-11-26' })];
    t.match(run([faultyCase()], over), {
      verdict: 'fail',
      summary: /goes wrong first at decode_head\.align; .* ran out on 2026-11-26/,
    });
    t.match(run([makeCase()], over), { verdict: 'fail', waivers: [{ state: 'expired' }] });
  },
);

const stale: readonly (readonly [what: string, given: Waiver, note: RegExp])[] = [
  [
    'whose probe agrees',
    waiver({ probe: 'logits' }),
    /, logits, in known\.yaml is stale: what it names agrees\. Fix: remove it/,
  ],
  [
    'that matches no probe',
    waiver({ probe: 'backbone.q*' }),
    /backbone\.q\*, in known\.yaml matches none of the 3 probes/,
  ],
  ['of a port that nobody knows', waiver({ port: 'orrt' }), /matches nothing: no port is called orrt/],
  ['of a bundle that nobody knows', waiver({ bundle: 'segnext-q' }), /matches nothing: no bundle is called segnext-q/],
];
for (const [what, given, note] of stale) {
  t.test(`a waiver ${what} fails the run with a sentence`, async (t) => {
    const result = run([makeCase()], [given]);
    t.equal(result.verdict, 'fail');
    t.match(result.summary, note);
  });
}

t.test('a waiver of another failure than the one that is there is stale', async (t) => {
  const result = run([faultyCase()], [waiver(), waiver({ failure: 'missing' })]);
  t.equal(result.verdict, 'fail');
  t.match(result.waivers?.[1]?.note, /\(missing\), in known\.yaml is stale: decode_head\.align fails in another way/);
});

t.test('a waiver of another job of a matrix fails nothing, until no job of the merge is its own', async (t) => {
  const both = [waiver({ port: 'tfjs', bundle: 'segnext-s' }), waiver()];
  const here = run([faultyCase()], both);
  t.equal(here.verdict, 'waived');
  t.match(here.waivers, [{ state: 'elsewhere' }, { state: 'used' }]);
  const there = run([faultyCase({ port: 'tfjs', bundle: 'segnext-s', id: 'tfjs/segnext-s' })], both);
  t.match(joinWaivers([here.waivers!, there.waivers!]), [{ state: 'used' }, { state: 'used' }]);
  t.match(joinWaivers([here.waivers!, here.waivers!]), [
    { state: 'stale', note: /nor of any other that was merged/ },
    { state: 'used' },
  ]);
});

t.test('what was not asked for, or did not run, cannot be stale', async (t) => {
  t.match(run([makeCase()], [waiver({ probe: 'other' })], true), { verdict: 'pass', waivers: [{ state: 'unseen' }] });
  t.match(run([errorCase()], [waiver()]), { verdict: 'error', waivers: [{ state: 'unseen' }] });
});

t.test(
  'an evaluation whose one mode is inconclusive stays not run when the failures of another are waived',
  async (t) => {
    const mIoU = makeMeasurement('single/mIoU', { verdict: 'fail', noiseRatio: null, maxRatio: null, own: null });
    const failed = evaluatedCase({ verdict: 'fail', measurements: [mIoU] }, { verdict: 'fail' });
    const known = waiver({ bundle: 'street', probe: 'single/mIoU' });
    t.equal(run([failed], [known]).verdict, 'waived');
    const unrun = {
      ...failed.evaluation!.modes[0]!,
      name: 'flip',
      verdict: 'not-run' as const,
      reason: 'inconclusive',
    };
    const evaluation = { ...failed.evaluation!, modes: [...failed.evaluation!.modes, unrun] };
    t.match(run([{ ...failed, evaluation }], [known]), { verdict: 'not-run', cases: [{ reason: 'inconclusive' }] });
  },
);

t.test('a stored run that waives what no waiver says contradicts itself', async (t) => {
  const result = run([faultyCase()], [waiver()]);
  t.match(findContradictions({ ...result, waivers: [] }), [/waives by what no waiver of the run says/]);
  const late = findContradictions({ ...result, startedAt: '2027-02-01T00:00:00.000Z' });
  t.match(late, [/waives by what no waiver of the run says/]);
  const [found] = result.cases;
  const measurements = found!.measurements.map((one) =>
    one.name === 'logits' ? makeMeasurement('logits', { verdict: 'fail', noiseRatio: 9 }) : one,
  );
  t.match(findContradictions({ ...result, cases: [{ ...found!, measurements }] }), [/it is waived, and logits is not/]);
  t.match(findContradictions(makeResult([makeCase({ verdict: 'waived' })], { verdict: 'waived' })), [
    /it is waived, and nothing of it is/,
  ]);
});

t.test('a waiver of every probe, and one that ends in more than 90 days, are said in the headline', async (t) => {
  const headline = (changes: Partial<Waiver>) => run([faultyCase()], [waiver(changes)]).summary;
  const name = (probe: string) => `the waiver of ort on segnext-t, ${probe}, in known.yaml`;
  t.match(headline({ probe: '*' }), new RegExp(`; ${name('\\*')} matches every probe\\.$`));
  t.match(headline({ probe: '?*' }), / matches every probe\.$/);
  t.match(
    headline({ until: '2027-02-26' }),
    new RegExp(`; ${name('decode_head.align')} ends only in 91 days, on 2027-02-26\\.$`),
  );
  t.match(
    headline({ probe: '*', until: '2036-11-27' }),
    / matches every probe and ends only in 3653 days, on 2036-11-27\.$/,
  );
  t.notMatch(headline({ until: '2027-02-25' }), /ends only/);
  t.notMatch(headline({ probe: 'decode_head.*' }), /every probe/);
  const elsewhere = run([makeCase({ port: 'tfjs' })], [waiver({ until: '2036-11-27' })]);
  t.notMatch(elsewhere.summary, /ends only/, 'what is of no case of the run is not said');
  const joined = joinWaivers([run([faultyCase()], [waiver({ probe: '*' })]).waivers!, elsewhere.waivers!]);
  t.match(joined[0], { caution: / matches every probe$/ });
});
