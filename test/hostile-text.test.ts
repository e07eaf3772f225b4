import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { makeResult } from '../harness/reporters/result-for-tests.js';
import { writeReport } from '../harness/reporters/write-report.js';
import { packageRoot } from '../harness/support/package-root.js';
import { tipcheck } from './tools-for-tests.js';

t.setTimeout(600_000);

/** A title of the terminal, a line of its own, and two commands to a runner. */
const hostile = '\u001b]0;x\u0007\n::error title=x::y\n##[add-mask]z\u202e';

/** Nothing of it may reach a terminal or a runner as it is. */
function findRaw(text: string): string | null {
  const found = /[^\n\P{Cc}]|\u202e|^\s*::|##\[/mu.exec(text);
  return found === null ? null : JSON.stringify(text.slice(Math.max(0, found.index - 40), found.index + 40));
}

t.test('a key of a bundle is shown escaped, on one line', async (t) => {
  const shipped = join(packageRoot, 'fixtures', 'golden', 'segnext-t-odd', 'case.json');
  const file = JSON.parse(await readFile(shipped, 'utf8'));
  const folder = t.testdir({ b: { 'case.json': JSON.stringify({ ...file, [hostile]: 1 }) } });
  const run = await tipcheck(['judge', 'ort', 'b'], folder);
  t.equal(run.exitCode, 2);
  t.equal(findRaw(run.stderr), null);
  t.equal(run.stderr.trim().split('\n').length, 1, run.stderr);
  t.match(run.stderr, '\\u001b]0;x');
});

t.test('so is a key of a stored run, whatever reads it', async (t) => {
  const folder = t.testdir({ run: {}, other: {} });
  const bad = JSON.stringify({ ...makeResult([]), [hostile]: 1 });
  for (const name of ['run', 'other']) await writeFile(join(folder, name, 'result.json'), bad);
  for (const args of [
    ['verify', 'run'],
    ['render', 'run'],
    ['merge', 'run', 'other', '--out', 'out'],
    ['certificate', 'run', '--out', 'out'],
    ['compare', '--baseline', 'run', 'other'],
  ]) {
    const run = await tipcheck(args, folder);
    t.equal(run.exitCode, 2, args.join(' '));
    t.equal(findRaw(run.stderr + run.stdout), null, args.join(' '));
  }
});

t.test('what a stored run says of itself is escaped in its reports and in what is printed of it', async (t) => {
  const folder = t.testdir();
  await mkdir(join(folder, 'run'));
  const result = makeResult([]);
  const version = `0 [x](https://example.org) **b** <img src=x> \`c\` | ${hostile}`;
  await writeReport(join(folder, 'run'), { ...result, tipcheckVersion: version, runId: `r${hostile}` });
  const report = await readFile(join(folder, 'run', 'report.md'), 'utf8');
  t.equal(findRaw(report), null);
  t.notMatch(report, /(?<!\\)\]\(https:|(?<!\\)\*\*b|<img/);
  for (const args of [
    ['verify', 'run'],
    ['certificate', 'run', '--out', 'out'],
    ['render', 'run'],
  ]) {
    const run = await tipcheck(args, folder);
    t.equal(findRaw(run.stderr + run.stdout), null, args.join(' '));
  }
});

t.test('a port, a path and an option that are not there are shown escaped', async (t) => {
  const folder = t.testdir();
  for (const args of [
    ['judge', hostile, 'segnext-t-odd'],
    ['judge', 'ort', hostile],
    ['judge', `--${hostile}`],
    ['explain', hostile, 'lite_train_lite_infer'],
    ['train', '--config', `${hostile}.yml`],
    ['list', hostile],
  ]) {
    const run = await tipcheck(args, folder);
    t.equal(run.exitCode, 2, JSON.stringify(args));
    t.equal(findRaw(run.stderr + run.stdout), null, JSON.stringify(args));
  }
});
