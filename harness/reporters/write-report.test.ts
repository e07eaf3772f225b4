import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { parseResult } from '../result/parse-result.js';
import { UserError } from '../support/errors.js';
import { findReporters, listFormats } from './find-reporters.js';
import { faultyCase, makeCase, makeResult, worseBaseline } from './result-for-tests.js';
import { writeReport } from './write-report.js';

const result = makeResult([faultyCase()]);

t.test('a run leaves a file per format and nothing else', async (t) => {
  const folder = join(t.testdir(), 'reports', 'a-run');
  const names = [...(await findReporters()).values()].map(({ fileName }) => fileName).sort();
  const paths = await writeReport(folder, result);
  t.same(
    [...paths].sort(),
    names.map((name) => join(folder, name)),
  );
  t.same((await readdir(folder)).sort(), names);
  t.strictSame(parseResult(await readFile(join(folder, 'result.json'), 'utf8')), result);
});

t.test('the shipped formats write the files that docs/reports.md names', async (t) => {
  const reporters = await findReporters();
  for (const [name, fileName] of Object.entries({
    github: 'annotations.txt',
    html: 'report.html',
    json: 'result.json',
    junit: 'junit.xml',
    markdown: 'report.md',
    tap: 'results.tap',
  }))
    t.equal(reporters.get(name)?.fileName, fileName, name);
});

t.test('only the formats that were asked for are written', async (t) => {
  const folder = t.testdir();
  t.same(await writeReport(folder, result, ['tap']), [join(folder, 'results.tap')]);
});

t.test('a format that does not exist stops before anything is written', async (t) => {
  const folder = join(t.testdir(), 'new');
  const expected = `Cannot render the format pdf: there is no such format; one of ${listFormats().join(', ')} is wanted`;
  await t.rejects(writeReport(folder, result, ['json', 'pdf']), new UserError(expected));
  t.notOk(existsSync(folder));
});

t.test('every format is pure: the same result gives the same text, and the result is left as it was', async (t) => {
  for (const [name, { render }] of await findReporters()) {
    const before = JSON.stringify(result);
    t.equal(render(result), render(result), name);
    t.equal(JSON.stringify(result), before, name);
    t.ok(render(makeResult([], { verdict: 'fail' })).length > 0, `${name} without a case`);
  }
});

t.test(
  'reports say the same when they are made again of result.json, whatever the order of its parts was',
  async (t) => {
    const [found] = makeResult([makeCase()]).cases;
    const details = { threads: '2', device: 'cpu', addon: 'x' };
    const unordered = makeResult([{ ...found!, engine: { ...found!.engine!, details } }]);
    const folder = t.testdir({ a: {}, b: {} });
    await writeReport(join(folder, 'a'), unordered);
    const stored = parseResult(await readFile(join(folder, 'a', 'result.json'), 'utf8'));
    await writeReport(join(folder, 'b'), stored);
    for (const name of await readdir(join(folder, 'a')))
      t.equal(await readFile(join(folder, 'a', name), 'utf8'), await readFile(join(folder, 'b', name), 'utf8'), name);
  },
);

t.test('what became worse than in the baseline stands in every report for people', async (t) => {
  const baseline = worseBaseline();
  const folder = t.testdir({});
  await writeReport(folder, makeResult([makeCase()], { verdict: 'fail', baseline }));
  for (const name of ['report.html', 'report.md']) {
    const text = await readFile(join(folder, name), 'utf8');
    t.match(text, 'Beside the baseline', name);
    t.match(text, /ort\/segnext-t: logits, accumulated: 2\.9 × the noise; it was 1\.1 ×/, name);
  }
  t.strictSame(parseResult(await readFile(join(folder, 'result.json'), 'utf8')).baseline, baseline);
});
