import { appendFile, mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { findGpu } from '../harness/support/find-gpu.js';
import { packageRoot } from '../harness/support/package-root.js';

t.setTimeout(1_200_000);

const apart = await execa('unshare', ['-rn', 'true'], { reject: false });

/** In an empty home, and without a network where the machine allows that. */
function run(folder: string, ...args: readonly string[]) {
  const [command, before] = apart.exitCode === 0 ? ['unshare', ['-rn', 'sh']] : ['sh', []];
  const env = { HOME: join(folder, '..', 'home'), PATH: '/usr/bin:/bin' };
  return execa(command, [...before, 'run.sh', ...args], { cwd: folder, env, extendEnv: false, reject: false });
}

t.test('what gpu-pack makes runs on a machine with nothing but a system', async (t) => {
  if (process.env.TIPCHECK_TEST_ALL !== '1') return t.comment('not run: slow; npm run test:all runs it');
  const base = t.testdir({ home: {} });
  const folder = join(base, 'pack');
  const made = await execa(
    process.execPath,
    ['scripts/run.mjs', 'scripts/gpu-pack.js', '--rehearse', '--out', folder],
    {
      cwd: packageRoot,
      env: { TIPCHECK_SKIP_ENSURE: '1' },
    },
  );
  t.match(made.stdout, 'run.sh');
  const rehearsed = await run(folder, '--rehearse');
  t.equal(rehearsed.exitCode, 0, rehearsed.stderr);
  t.match(rehearsed.stdout, '7 of 7 stages are as wanted.');
  if (findGpu().found) t.comment('not run: this machine has a GPU');
  else {
    const { exitCode, stdout } = await run(folder);
    t.equal(exitCode, 3);
    t.match(stdout, /^infer-cpu-ort +cpu +as wanted/m);
    t.match(stdout, /^infer-ort +gpu +not run/m);
    t.match(stdout, /^infer-ort: Cannot use the device gpu: .+; an NVIDIA GPU with its driver is wanted\. Fix: /m);
  }
  await appendFile(join(folder, 'piece-2'), 'x');
  const changed = await run(folder, '--rehearse');
  t.equal(changed.exitCode, 3);
  t.match(changed.stderr, /^Cannot run the proof: a piece in .+ is not what was packed .+ Fix: copy it again$/);
  await mkdir(join(base, 'aside'));
  await rename(join(folder, 'piece-2'), join(base, 'aside', 'piece-2'));
  const lost = await run(folder, '--rehearse');
  t.equal(lost.exitCode, 3);
  t.match(lost.stderr, /piece-2 is not there; all that pieces\.sha256 lists are wanted$/);
});
