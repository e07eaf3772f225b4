import { chmod, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import t, { type Test } from 'tap';
import { tipcheck } from '../test/tools-for-tests.js';

/** `tipcheck launch` where mpirun is a script that says something and ends. */
async function launch(t: Test, script: string) {
  const folder = t.testdir({});
  const mpirun = join(folder, 'mpirun');
  await writeFile(mpirun, `#!/bin/sh\n${script}\n`);
  await chmod(mpirun, 0o755);
  const environment = { PATH: `${folder}${delimiter}${process.env.PATH}` };
  return tipcheck(['launch', '--nproc', '2', 'train', '--config', 'y.yml'], folder, environment);
}

t.test('the last line of a launch says why it ended, and not what mpirun says of it', async (t) => {
  const { exitCode, stderr } = await launch(
    t,
    `echo "Cannot use y.yml:3: it is wrong" >&2
echo "Cannot use y.yml:3: it is wrong" >&2
echo "prterun detected that one or more processes exited with non-zero status" >&2
exit 2`,
  );
  t.equal(exitCode, 2);
  const lines = stderr.trim().split('\n');
  t.equal(lines.at(-1), 'Cannot use y.yml:3: it is wrong');
  t.match(lines.join(), 'prterun detected', 'what mpirun says is not kept back');
});

t.test('where the reason is the last line it is said once', async (t) => {
  const { exitCode, stderr } = await launch(t, 'echo "Cannot use y.yml:3: it is wrong" >&2; exit 3');
  t.equal(exitCode, 3);
  t.equal(stderr.trim(), 'Cannot use y.yml:3: it is wrong');
});
