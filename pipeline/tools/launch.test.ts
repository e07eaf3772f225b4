import { chmod, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import t, { type Test } from 'tap';
import { tipcheck } from '../../test/tools-for-tests.js';

/** `tipcheck launch` where mpirun is a script that says something and ends. */
async function launch(t: Test, script: string, mode = 0o755) {
  const folder = t.testdir({});
  const mpirun = join(folder, 'mpirun');
  await writeFile(mpirun, `#!/bin/sh\n${script}\n`);
  await chmod(mpirun, mode);
  const environment = { PATH: mode === 0o755 ? `${folder}${delimiter}${process.env.PATH}` : folder };
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

t.test('an mpirun that cannot be started is said', async (t) => {
  const { exitCode, stderr } = await launch(t, 'exit 0', 0o644);
  t.equal(exitCode, 3);
  t.match(
    stderr.trim(),
    /^Cannot launch ranks: mpirun cannot be started \(EACCES\); Open MPI is wanted\. Fix: .+ install open/,
  );
});
