import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { findMpi } from './find-mpi.js';

/** With a PATH on which a program of this script alone is called mpirun; null: none is. */
async function withMpirun(t: Test, script: string | null, mode = 0o755) {
  const folder = t.testdir({});
  if (script !== null) await writeFile(join(folder, 'mpirun'), `#!/bin/sh\n${script}\n`);
  if (script !== null) await chmod(join(folder, 'mpirun'), mode);
  const { PATH } = process.env;
  t.teardown(() => {
    process.env.PATH = PATH;
  });
  process.env.PATH = folder;
  return findMpi(1000);
}

t.test('what several ranks lack is said, with what installs it', async (t) => {
  t.match(await withMpirun(t, null), { missing: /^there is no mpirun; Open MPI is wanted: .+ install open/ });
  t.match(await withMpirun(t, 'echo HYDRA build details:'), {
    missing: /^mpirun is not Open MPI's \(HYDRA build details:\): .+ install/,
  });
  t.match(await withMpirun(t, 'exit 7'), { missing: /^mpirun is not Open MPI's \(exit code 7\)/ });
});

t.test('an mpirun that cannot be started, or that does not answer, is not called absent', async (t) => {
  t.match(await withMpirun(t, 'exit 0', 0o644), {
    missing: /^mpirun cannot be started \(EACCES\); Open MPI is wanted: /,
  });
  t.match(await withMpirun(t, 'while :; do :; done'), {
    missing: /^mpirun does not answer within 1 s; Open MPI is wanted: /,
  });
});

t.test('a program alone starts no ranks: the library must load as well', async (t) => {
  const found = await withMpirun(t, "echo 'mpirun (Open MPI) 4.1.4'");
  if ('version' in found) t.equal(found.version, 'mpirun (Open MPI) 4.1.4');
  else t.match(found.missing, /^Open MPI does not load \(.+\); its library is wanted: .+ install/);
});
