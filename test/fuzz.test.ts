import { join } from 'node:path';
import { execa } from 'execa';
import t, { type Test } from 'tap';
import { packageRoot } from '../harness/support/package-root.js';

t.setTimeout(900_000);

/** Files of failures are kept; here they go with the test's folder. */
const fuzz = (t: Test, ...args: string[]) =>
  execa(process.execPath, [join(packageRoot, 'scripts', 'run.mjs'), 'test/fuzz/fuzz.js', ...args], {
    ...{ reject: false, env: { TIPCHECK_SKIP_ENSURE: '1', TMPDIR: t.testdir() } },
  });

t.test('changed files of every format are read or refused in a sentence', async (t) => {
  // The gate's seed is fixed, so that chance never decides it; every other run has a new one.
  const asked =
    process.env.TIPCHECK_TEST_ALL === '1' ? ['--seconds', '600'] : ['--seconds', '60', '--seed', '20261130'];
  const { exitCode, stdout, stderr } = await fuzz(t, ...asked);
  for (const line of stdout.split('\n')) t.comment(line);
  t.equal(exitCode, 0, `${stdout.slice(-8000)}\n${stderr}`);
});

t.test('a reader that throws, hangs, takes the memory or speaks otherwise is found, with the seed', async (t) => {
  const targets = join(import.meta.dirname, 'fuzz', 'bad-targets-for-tests.js');
  const options = ['--seed', '7', '--seconds', '16', '--hang', '20'];
  const { exitCode, stdout } = await fuzz(t, ...options, '--targets', targets);
  t.equal(exitCode, 1, stdout);
  t.match(stdout, /^seed 7$/m);
  t.match(stdout, /^pass {2}good {2}\d+ files/m);
  t.match(stdout, /^fail {2}throws .+\nTypeError: [\s\S]*?^changes: .+"edits"/m);
  t.match(stdout, /^fail {2}text .+\nError: its message does not begin with Cannot: "oh"/m);
  // On a busy machine its seconds of the processor take longer than a hang may.
  t.match(stdout, /^fail {2}slow .+\n(Error: it took \d|it hung on )/m);
  t.match(stdout, /^fail {2}hang .+\nit hung on /m);
  t.match(stdout, /^fail {2}memory /m);
  t.match(stdout, /^fail {2}ends .+\nthe child ended with 7 on /m);
  t.match(stdout, /^fail {2}never .+\nsample 0 is not read/m);
  t.match(stdout, /Again: npm run fuzz -- --seed 7 --format 'throws'/);
});

t.test('what is asked of it must be there', async (t) => {
  const none = await fuzz(t, '--format', 'doc');
  t.equal(none.exitCode, 2);
  t.match(none.stderr, /^Cannot fuzz doc: there is no such format; one of npy, .+ is wanted$/);
  t.equal((await fuzz(t, '--seconds', 'x')).exitCode, 2);
});
