import { existsSync, readdirSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { packageRoot } from '../harness/support/package-root.js';

/** `npm run goldens` with an empty cache and a PATH that holds only what `programs` says. */
async function runGoldens(base: string, programs: Record<string, string>, args: readonly string[] = []) {
  const bin = join(base, 'bin');
  await mkdir(bin, { recursive: true });
  for (const [name, script] of Object.entries(programs)) {
    await writeFile(join(bin, name), script);
    await chmod(join(bin, name), 0o755);
  }
  const env = { PATH: bin, HOME: base, XDG_CACHE_HOME: join(base, 'cache'), TIPCHECK_SKIP_ENSURE: '1' };
  const script = [join(packageRoot, 'scripts', 'run.mjs'), 'scripts/goldens.js', ...args];
  return execa(process.execPath, script, { env, extendEnv: false, reject: false });
}

const python = (version: string, rest: string) => `#!/bin/sh
case "$*" in
  *ensurepip*) echo ${version} ;;
  ${rest}
esac
`;

t.test('without Python the error names what is wanted and what to install', async (t) => {
  const { exitCode, stderr } = await runGoldens(t.testdir(), {});
  t.equal(exitCode, 3);
  t.match(
    stderr,
    /^Cannot make the oracle's environment: no Python 3 was found; Python 3\.10 to 3\.13 .* Fix: install/,
  );
});

t.test('a Python that Paddle has no wheel for is named', async (t) => {
  const { exitCode, stderr } = await runGoldens(t.testdir(), { python3: python('3.9', '*) exit 1 ;;') });
  t.equal(exitCode, 3);
  t.match(stderr, 'python3 is 3.9; Python 3.10 to 3.13 with venv and pip is wanted');
});

t.test('a Python without venv is named', async (t) => {
  const bare = '#!/bin/sh\necho "ModuleNotFoundError: No module named \'ensurepip\'" >&2\nexit 1\n';
  const { stderr } = await runGoldens(t.testdir(), { python3: bare });
  t.match(stderr, 'python3 has no venv (apt install python3-venv)');
});

t.test('an environment whose packages cannot be had is not taken for one', async (t) => {
  const base = t.testdir();
  // `venv DIR` makes DIR/bin/python, which then fails as pip does without a network.
  const pip = '#!/bin/sh\\necho "ERROR: no route to the index" >&2\\nexit 1\\n';
  const venv = `*venv*) /bin/mkdir -p "$3/bin"; printf '${pip}' > "$3/bin/python"; /bin/chmod 755 "$3/bin/python" ;;`;
  const { exitCode, stderr } = await runGoldens(base, { python3: python('3.11', venv) });
  t.equal(exitCode, 3);
  t.match(stderr, 'Cannot install oracle/requirements.txt for the oracle: ERROR: no route to the index');
  const folder = join(base, 'cache', 'tipcheck', 'oracle');
  const made = readdirSync(folder).filter((name) => name.startsWith('oracle-'));
  t.notOk(made.some((name) => existsSync(join(folder, name, 'tipcheck-ready'))));
});

t.test('a bundle that is not described is exit 2 before anything is made', async (t) => {
  const base = t.testdir();
  const { exitCode, stderr } = await runGoldens(base, {}, ['segnext-x']);
  t.equal(exitCode, 2);
  t.match(stderr, /^Cannot make bundle segnext-x: .*segnext-t/);
  t.notOk(existsSync(join(base, 'cache')));
});
