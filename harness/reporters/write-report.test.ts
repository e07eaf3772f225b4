import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { UserError } from '../support/errors.js';
import { findReporters } from './find-reporters.js';
import { parseResult } from './parse-result.js';
import { faultyCase, makeResult } from './result-for-tests.js';
import { writeReport } from './write-report.js';

const result = makeResult([faultyCase()]);

t.test('a run leaves a file per format and nothing else', async (t) => {
  const folder = join(t.testdir(), 'reports', 'a-run');
  const names = ['junit.xml', 'report.html', 'report.md', 'result.json', 'results.tap'];
  const paths = await writeReport(folder, result);
  t.same(
    [...paths].sort(),
    names.map((name) => join(folder, name)),
  );
  t.same((await readdir(folder)).sort(), names);
  t.strictSame(parseResult(await readFile(join(folder, 'result.json'), 'utf8')), result);
});

t.test('only the formats that were asked for are written', async (t) => {
  const folder = t.testdir();
  t.same(await writeReport(folder, result, ['tap']), [join(folder, 'results.tap')]);
});

t.test('a format that does not exist stops before anything is written', async (t) => {
  const folder = join(t.testdir(), 'new');
  const expected =
    'Cannot render the format pdf: there is no such format; one of html, json, junit, markdown, tap is wanted';
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
