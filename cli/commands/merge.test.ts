import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { selectBundles } from '../../harness/config/select-bundles.js';
import { findSuite, readSuite } from '../../harness/config/suite.js';
import { listShippedBundles } from '../../harness/golden/list-shipped.js';
import { readShipped } from '../../harness/golden/shipped-goldens.js';
import {
  makeCase,
  makeResult,
  makeStep,
  makeTipcResult,
  worseBaseline,
} from '../../harness/reporters/result-for-tests.js';
import { writeReport } from '../../harness/reporters/write-report.js';
import type { CaseResult } from '../../harness/result/record/case-result.js';
import type { Result } from '../../harness/result/record/result.js';
import { readRun } from '../../harness/run/read-run.js';
import { writeMergedPlan } from '../../tipc/stored/merge.js';
import { verifyRun } from '../../tipc/stored/verify-run.js';
import { endRunner } from '../run-command-for-tests.js';
import { register } from './merge.js';

const run = endRunner(register, 'merge');
const suite = 'segnext/lite-infer';
const shipped = await readShipped();
const bundles = selectBundles(readSuite(findSuite('segnext', 'lite-infer')!).bundles, listShippedBundles(), suite);
const casesOf = (port: string, changes: Partial<CaseResult> = {}) =>
  bundles.map((name) => makeCase({ port, bundle: shipped.get(`bundle ${name}`)!.id, ...changes }));

t.test('two runs that are a suite together are joined', async (t) => {
  const { merged, code, out } = await merge(t, {
    ort: makeResult(casesOf('ort'), { suite }),
    tfjs: makeResult(casesOf('tfjs'), { suite, durationMs: 6 }),
  });
  t.equal(code, 0);
  t.match(merged(), { verdict: 'pass', suite, durationMs: 94_518, command: ['merge', 'ort', 'tfjs'] });
  t.equal(merged().cases.length, 2 * bundles.length);
  t.ok(existsSync(join(out, 'report.html')));
});

t.test('a run that fails makes the whole fail', async (t) => {
  const { merged, code } = await merge(t, {
    ort: makeResult(casesOf('ort'), { suite }),
    tfjs: makeResult([...casesOf('tfjs').slice(1), { ...casesOf('tfjs')[0]!, verdict: 'fail' }], {
      suite,
      verdict: 'fail',
    }),
  });
  t.equal(merged().verdict, 'fail');
  t.equal(code, 1);
});

t.test('a run that became worse than its baseline makes the whole fail', async (t) => {
  const { merged, code } = await merge(t, {
    ort: makeResult(casesOf('ort'), { suite, baseline: worseBaseline({ verdict: 'pass', findings: [] }) }),
    tfjs: makeResult(casesOf('tfjs'), { suite, verdict: 'fail', baseline: worseBaseline() }),
  });
  t.match(merged(), {
    verdict: 'fail',
    baseline: { verdict: 'fail', compared: 80, findings: [{ what: 'worse' }, {}] },
  });
  t.equal(code, 1);
});

t.test('a run of only some of the probes is not taken for what a suite plans', async (t) => {
  const runs = { ort: makeResult(casesOf('ort'), { suite }), tfjs: makeResult(casesOf('tfjs'), { partial: true }) };
  await t.rejects(merge(t, runs), {
    name: 'UserError',
    message: /^Cannot merge tfjs: only some of its probes were asked for \(--only\), and a suite plans all of them;/,
  });
});

t.test('runs that were judged by the noise of another precision are not joined, nor taken for a suite', async (t) => {
  const goldens = { ...makeCase().goldens, precision: 'fp16' as const };
  const [one] = bundles.map((name) => shipped.get(`bundle ${name}`)!.id);
  const float32 = makeResult([makeCase({ port: 'ort', bundle: one! })]);
  const fp16 = makeResult([makeCase({ port: 'tfjs', bundle: one!, goldens })]);
  await t.rejects(merge(t, { float32, fp16 }), {
    name: 'UserError',
    message: `Cannot merge float32 and fp16: ${one} was judged by the noise of float32 and of fp16; one of them is wanted`,
  });
  const runs = {
    ort: makeResult(casesOf('ort', { goldens }), { suite }),
    tfjs: makeResult(casesOf('tfjs', { goldens })),
  };
  await t.rejects(merge(t, runs), { message: /judged by the noise of fp16; float32's is wanted/ });
  const unplanned = { ort: makeResult(casesOf('ort', { goldens })), tfjs: makeResult(casesOf('tfjs', { goldens })) };
  await t.rejects(merge(t, unplanned, ['--suite', suite]), { message: /noise of fp16; float32's is wanted/ });
});

t.test('a planned run that is missing is named, and nothing is written', async (t) => {
  const { code, out, stderr } = await merge(t, { ort: makeResult(casesOf('ort'), { suite }) });
  t.equal(code, 1);
  t.match(stderr, `✕ tfjs on the bundle segnext-t is missing; suite ${suite} plans it\n`);
  t.notOk(existsSync(out));
  const unplanned = { ort: makeResult(casesOf('ort')), tfjs: makeResult(casesOf('tfjs').slice(1)) };
  const { stderr: given } = await merge(t, unplanned, ['--suite', suite]);
  t.match(given, new RegExp(`^✕ tfjs on the bundle ${bundles[0]} is missing; suite ${suite} plans it\n$`));
});

t.test('a case of two runs keeps both verdicts', async (t) => {
  const { merged, code } = await merge(t, {
    linux: makeResult([...casesOf('ort'), ...casesOf('tfjs')], { suite }),
    gpu: makeResult(casesOf('ort'), { suite }),
  });
  const ports = new Set(merged().cases.map(({ port }) => port));
  t.strictSame([...ports].sort(), ['ort@gpu', 'ort@linux', 'tfjs']);
  t.equal(code, 0);
});

t.test('runs of two suites that have one case in common are joined, and what one of them lacks is named', async (t) => {
  const command = ['test', 'a.txt', 'lite_infer', '--also', 'lpsnet-m', '--threads', '1'];
  const small = selectBundles(readSuite(findSuite('lpsnet', 'lite-infer')!).bundles, listShippedBundles(), 'lpsnet');
  const onLpsnet = (port: string) => small.map((name) => makeCase({ port, bundle: shipped.get(`bundle ${name}`)!.id }));
  const [common] = onLpsnet('ort').filter(({ bundle }) => bundle === shipped.get('bundle lpsnet-m')!.id);
  const start = makeResult(
    [...casesOf('ort'), ...casesOf('tfjs'), common!, { ...common!, port: 'tfjs', id: `tfjs/${common!.bundle}` }],
    { suite, command },
  );
  const lpsnet = makeResult([...onLpsnet('ort'), ...onLpsnet('tfjs')], { suite: 'lpsnet/lite-infer' });
  const { merged, code, out } = await merge(t, { start, lpsnet });
  t.equal(code, 0);
  t.equal(merged().cases.length, start.cases.length + lpsnet.cases.length);
  t.strictSame((await verifyRun(await readRun(out))).dropped, []);
  for (const [runs, sentence] of [
    [
      { start, lpsnet: { ...lpsnet, cases: lpsnet.cases.slice(0, -1) } },
      /^✕ of the run lpsnet, tfjs on the bundle \S+ is missing; suite lpsnet/,
    ],
    [
      { start: { ...start, cases: start.cases.slice(0, -1) }, lpsnet },
      /^✕ of the run start, tfjs on the bundle lpsnet-m is missing; --also/,
    ],
    [
      { start: { ...start, cases: start.cases.slice(1) }, lpsnet },
      /^✕ of the run start, ort on the bundle \S+ is missing; suite segnext/,
    ],
  ] as const) {
    const { code: other, stderr } = await merge(t, runs);
    t.equal(other, 1);
    t.match(stderr, sentence);
  }
});

t.test('runs of a TIPC mode are joined with their plan, and the whole is what it says', async (t) => {
  const of = (port: string) => makeTipcResult([makeStep({ port })]);
  const ports = ['--port', 'ort', 'tfjs'];
  const { merged, code, out } = await merge(t, { ort: of('ort'), tfjs: of('tfjs') }, ports);
  t.equal(code, 0);
  t.strictSame(merged().tipc?.planned, ['ort/1-train', 'tfjs/1-train']);
  const verified = await verifyRun(await readRun(out));
  t.strictSame(verified.faults, []);
  const missing = await merge(t, { ort: of('ort') }, ports);
  t.equal(missing.code, 1);
  t.match(missing.stderr, '✕ lite_train_lite_infer through tfjs was planned, and is in none of the runs\n');
  t.notOk(existsSync(missing.out));
  const renamed = makeTipcResult([makeStep({ port: 'tfjs' })], { runId: '20991122-142530-4711' });
  await t.rejects(merge(t, { ort: of('ort'), tfjs: renamed }, ports), {
    message:
      /^Cannot merge .*tfjs.*: the run is called 20991122-142530-4711, .+; a run that is what it says is wanted\. Fix: npx tipcheck verify /,
  });
  await t.rejects(merge(t, { ort: of('ort'), golden: makeResult(casesOf('ort'), { suite }) }), {
    message: /^Cannot merge golden and ort: one judged goldens, the other ran steps of TIPC/,
  });
  await t.rejects(merge(t, { ort: of('ort') }, ['--suite', suite]), { message: /Fix: --port and --mode$/ });
  await t.rejects(merge(t, { ort: makeResult(casesOf('ort'), { suite }) }, ['--port', 'ort']), {
    message: /^Cannot use --port: the runs judged goldens/,
  });
});

t.test('the whole is not written over one of its parts', async (t) => {
  const folder = t.testdir({ ort: {}, tfjs: {} });
  for (const port of ['ort', 'tfjs']) await writeReport(join(folder, port), makeResult(casesOf(port), { suite }));
  const before = readFileSync(join(folder, 'tfjs/result.json'), 'utf8');
  const runs = [join(folder, 'ort'), join(folder, 'tfjs/result.json')];
  for (const out of [join(folder, 'tfjs'), `${folder}/ort/../tfjs/`])
    await t.rejects(run(t, [...runs, '--out', out]), {
      name: 'UserError',
      message:
        /^Cannot merge into .+: the run tfjs lies there, and its result\.json would be written over; another folder is wanted/,
    });
  t.equal(readFileSync(join(folder, 'tfjs/result.json'), 'utf8'), before);
});

t.test('what cannot be merged is a sentence', async (t) => {
  const good = makeResult(casesOf('ort'), { suite });
  await t.rejects(merge(t, { a: makeResult(casesOf('ort')) }), {
    message: /^Cannot merge runs: none of them ran a suite/,
  });
  await t.rejects(merge(t, { a: good, b: { ...good, tipcheckVersion: '9.0.0' } }), {
    message: 'Cannot merge 2 runs: they are of tipcheck 0.2.0 and 9.0.0; one version is wanted',
  });
  await t.rejects(merge(t, { a: { ...good, verdict: 'fail' } }), {
    message: /^Cannot merge .+: the verdict is fail; of its cases it is pass; .+ Fix: npx tipcheck verify /,
  });
  await t.rejects(run(t, ['nowhere', '--out', 'x']), {
    message: "Cannot read the run nowhere: there is no such run; a run's folder or a result.json is wanted",
  });
});

async function merge(t: Test, runs: Readonly<Record<string, Result>>, options: readonly string[] = []) {
  const folder = t.testdir({});
  for (const [name, result] of Object.entries(runs)) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'result.json'), JSON.stringify(result));
    if (result.tipc === undefined) continue;
    await writeReport(join(folder, name), result);
    await writeMergedPlan(join(folder, name), result);
  }
  const out = join(folder, 'out');
  const written = t.capture(process.stderr, 'write', () => true);
  let code: number;
  try {
    ({ code } = await run(t, [...Object.keys(runs).map((name) => join(folder, name)), '--out', out, ...options]));
  } finally {
    written.restore();
  }
  const stderr = written
    .args()
    .map(([text]) => String(text))
    .join('');
  const merged = (): Result => JSON.parse(readFileSync(join(out, 'result.json'), 'utf8'));
  return { merged, code, out, stderr };
}
