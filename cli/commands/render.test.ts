import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import {
  faultyCase,
  makeCase,
  makeResult,
  makeStep,
  makeTipcResult,
} from '../../harness/reporters/result-for-tests.js';
import { writeReport } from '../../harness/reporters/write-report.js';
import { UserError } from '../../harness/support/errors.js';
import { renderRun } from './render.js';

const result = makeResult([faultyCase()]);

t.test('a stored run is rendered again to the same files', async (t) => {
  const folder = t.testdir();
  const written = await writeReport(folder, result);
  const before = await readFile(join(folder, 'report.html'), 'utf8');
  t.same(await renderRun(folder, {}), written);
  t.equal(await readFile(join(folder, 'report.html'), 'utf8'), before);
});

t.test('a result.json of any name goes to another folder, in the formats asked for', async (t) => {
  const folder = t.testdir();
  const [stored] = await writeReport(folder, result, ['json']);
  const out = join(folder, 'out');
  t.same(await renderRun(stored!, { format: 'junit, tap', out }), [join(out, 'junit.xml'), join(out, 'results.tap')]);
  t.same(await readdir(out), ['junit.xml', 'results.tap']);
});

t.test('a result whose headline is not what its cases or steps say is refused', async (t) => {
  const good = makeResult([makeCase(), makeCase({ port: 'tfjs' })]);
  const [first, second] = good.cases;
  const failing = { ...second!, verdict: 'fail' as const, firstFault: 'logits' };
  const badShipped = { ...first!.shipped!, logits: { ...first!.shipped!.logits, verdict: 'fail' as const } };
  const steps = makeTipcResult([makeStep(), makeStep({ number: 2, kind: 'export' })]);
  const check = { name: 'files', verdict: 'fail' as const, found: 'none', because: null, kind: null, figures: [] };
  for (const [spoilt, sentence] of [
    [{ ...good, cases: [first!, failing] }, 'the verdict is pass; of its cases it is fail'],
    [
      { ...good, summary: '2 of 2 cases agree with the reference.', cases: [first!] },
      'its summary says that 2 of 2 pass; 1 of 1 do',
    ],
    [
      { ...good, cases: [{ ...first!, measurements: [{ ...first!.measurements[0]!, verdict: 'fail' as const }] }] },
      `${first!.id}: it passes, and ${first!.measurements[0]!.name} does not`,
    ],
    [
      { ...good, cases: [{ ...first!, shipped: badShipped }] },
      `${first!.id}: it passes, and the logits of the graph without probes do not`,
    ],
    [
      {
        ...good,
        verdict: 'waived' as const,
        summary: '0 of 1 cases agree with the reference.',
        cases: [{ ...failing, verdict: 'waived' as const }],
      },
      `${failing.id}: it is waived, and nothing of it is`,
    ],
    [
      { ...steps, tipc: { ...steps.tipc!, steps: steps.tipc!.steps.slice(1) } },
      'the verdict is pass; of its steps it is fail',
    ],
    [
      { ...steps, tipc: { ...steps.tipc!, steps: [makeStep({ checks: [check] }), steps.tipc!.steps[1]!] } },
      'ort/1-train: it passes, and its check files does not',
    ],
  ] as const) {
    const folder = t.testdir();
    await writeReport(folder, spoilt, ['json']);
    await t.rejects(renderRun(folder, {}), {
      name: 'UserError',
      message: `Cannot render ${join(folder, 'result.json')}: ${sentence}; a result whose headline follows from its cases is wanted. Fix: npx tipcheck verify ${folder}`,
    });
    t.same(await readdir(folder), ['result.json'], 'no report of it is made');
  }
});

t.test('what cannot be read is named', async (t) => {
  const folder = t.testdir({ 'broken.json': '{"a":' });
  const path = join(folder, 'broken.json');
  const wanted = "; a run's folder or a result.json is wanted";
  await t.rejects(
    renderRun('nowhere', {}),
    new UserError(`Cannot read the run nowhere: there is no such run${wanted}`),
  );
  await t.rejects(
    renderRun(folder, {}),
    new UserError(`Cannot read the run ${folder}: it holds no result.json${wanted}`),
  );
  await t.rejects(renderRun(path, {}), { message: `Cannot read the result ${path}: it is not JSON` });
});

t.test('--alignment writes that file alone, of a run that judged goldens', async (t) => {
  const folder = t.testdir();
  await writeReport(folder, result, ['json']);
  const alignment = join(folder, 'alignment.md');
  t.same(await renderRun(folder, { alignment, lang: 'zh' }), [alignment]);
  t.match(await readFile(alignment, 'utf8'), /^# ort 对齐报告/);
  t.same((await readdir(folder)).sort(), ['alignment.md', 'result.json']);
  t.same(await renderRun(folder, { alignment, format: 'tap' }), [alignment, join(folder, 'results.tap')]);
  await t.rejects(
    renderRun(folder, { lang: 'en' }),
    new UserError('Cannot use --lang en: no file is written; --alignment FILE beside it is wanted'),
  );
  const steps = t.testdir();
  await writeReport(steps, makeTipcResult([makeStep()]), ['json']);
  await t.rejects(renderRun(steps, { alignment }), /^Cannot write .*: .* judged no goldens, which the five steps/);
});
