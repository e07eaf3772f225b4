import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { faultyCase, makeResult } from '../../harness/reporters/result-for-tests.js';
import { writeReport } from '../../harness/reporters/write-report.js';
import { UserError } from '../../harness/support/errors.js';
import { renderRun } from './render.js';

const result = makeResult([faultyCase()]);

t.test('a stored run is rendered again to the same files', async (t) => {
  const folder = t.testdir();
  await writeReport(folder, result);
  const before = await readFile(join(folder, 'report.html'), 'utf8');
  t.equal((await renderRun(folder, {})).length, 6);
  t.equal(await readFile(join(folder, 'report.html'), 'utf8'), before);
});

t.test('a result.json of any name goes to another folder, in the formats asked for', async (t) => {
  const folder = t.testdir();
  const [stored] = await writeReport(folder, result, ['json']);
  const out = join(folder, 'out');
  t.same(await renderRun(stored!, { format: 'junit, tap', out }), [join(out, 'junit.xml'), join(out, 'results.tap')]);
  t.same(await readdir(out), ['junit.xml', 'results.tap']);
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
