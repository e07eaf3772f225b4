import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { delimiter, dirname, join } from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { packageRoot } from '../harness/support/package-root.js';
import { findTfjsAddon } from '../ports/tfjs/addon.js';

/** A place for the official addon that refuses at once, so that no test waits for a network. */
const nowhere = 'http://127.0.0.1:9/';
const addonName = '4.22.0-tf2.21.0-cpu';

/** `tipcheck prepare` with an empty cache and a PATH that holds only what `programs` says (besides node). */
async function startPrepare(base: string, programs: Record<string, string>, args: readonly string[], cdn = nowhere) {
  const bin = join(base, 'bin');
  await mkdir(bin, { recursive: true });
  for (const [name, script] of Object.entries(programs)) {
    await writeFile(join(bin, name), script);
    await chmod(join(bin, name), 0o755);
  }
  const env = {
    PATH: bin,
    XDG_CACHE_HOME: join(base, 'cache'),
    TFJS_NODE_CDN_STORAGE: cdn,
    TIPCHECK_SKIP_ENSURE: '1',
    HOME: base,
    CUDA_VISIBLE_DEVICES: '-1',
  };
  const program = join(packageRoot, 'cli', 'tipcheck.mjs');
  // In an object: a subprocess is a promise, and would be awaited as the function's result.
  return { run: execa(process.execPath, [program, 'prepare', ...args], { env, extendEnv: false, reject: false }) };
}

function cached(base: string): string[] {
  const folder = join(base, 'cache', 'tipcheck', 'tfjs-node-gpu');
  return existsSync(folder) ? readdirSync(folder) : [];
}

const python = (download: string) => `#!/bin/sh
case "$*" in
  --version) echo "Python 3.11.7" ;;
  *"pip --version") echo "pip 23.2.1 from somewhere" ;;
  *"pip download"*) ${download} ;;
esac
`;

/** Leaves half a wheel in pip's temporary folder and never ends. */
const hangingPython = python(`echo $$ > "$HOME/pip.pid"; echo half > "$TMPDIR/half.whl"; exec /bin/sleep 300`);
const offlinePython = python('echo "ERROR: Could not find a version that satisfies tensorflow-cpu==2.21.0"; exit 1');
const compiler = '#!/bin/sh\necho "g++ 12.2.0"\n';

t.test('without Python, compiler and network the error names all three and what to install', async (t) => {
  const base = t.testdir();
  const { run } = await startPrepare(base, {}, ['--port', 'tfjs', '--device', 'cpu']);
  const { exitCode, stderr } = await run;
  t.equal(exitCode, 3);
  const last = stderr.trim().split('\n').at(-1) ?? '';
  t.match(last, /^Cannot prepare the port tfjs: /);
  t.match(last, 'python3 was not found on PATH (Debian, Ubuntu: apt install python3 python3-pip python3-venv)');
  t.match(last, 'no C++17 compiler was found: g++, c++, clang++ (Debian, Ubuntu: apt install g++)');
  t.match(last, /127\.0\.0\.1:9.* cannot be reached/);
  t.notOk(
    cached(base).some((name) => name.startsWith('4.22.0')),
    'nothing that looks prepared',
  );
});

t.test('a Python without pip is named', async (t) => {
  const base = t.testdir();
  const bare = '#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.11.7" || exit 1\n';
  const { run } = await startPrepare(base, { python3: bare, 'g++': compiler }, ['--port', 'tfjs']);
  const { exitCode, stderr } = await run;
  t.equal(exitCode, 3);
  t.match(stderr, 'python3 has no pip (Debian, Ubuntu: apt install python3-pip)');
  t.notMatch(stderr, 'C++17', 'a compiler that is there is not complained of');
});

t.test('a compiler without C++17 is named', async (t) => {
  const base = t.testdir();
  const old = '#!/bin/sh\n[ "$1" = --version ] && echo "g++ 4.4" || exit 1\n';
  const { run } = await startPrepare(base, { python3: offlinePython, 'g++': old }, ['--port', 'tfjs']);
  t.match((await run).stderr, 'g++ does not compile C++17 (Debian, Ubuntu: apt install g++)');
});

t.test('the port ort on the CPU needs neither Python nor a compiler', async (t) => {
  const { run } = await startPrepare(t.testdir(), {}, ['--port', 'ort', '--device', 'auto']);
  const { exitCode, stderr } = await run;
  t.equal(exitCode, 0);
  t.match(stderr, /^device: cpu, because CUDA_VISIBLE_DEVICES/m, 'the device is announced');
  t.match(stderr, /^ort: ready/m);
});

t.test('a GPU that was asked for and is not there is exit 3', async (t) => {
  const base = t.testdir();
  for (const port of ['tfjs', 'ort']) {
    const { run } = await startPrepare(base, {}, ['--port', port, '--device', 'gpu']);
    const { exitCode, stderr } = await run;
    t.equal(exitCode, 3);
    t.match(stderr, /^Cannot use the device gpu: CUDA_VISIBLE_DEVICES is '-1', .* Fix: /);
  }
  t.same(cached(base), []);
});

t.test('a port that does not exist is exit 2', async (t) => {
  const { run } = await startPrepare(t.testdir(), {}, ['--port', 'tfsj']);
  t.equal((await run).exitCode, 2);
});

t.test('killed in the middle of a download, the next run starts afresh and uses none of it', async (t) => {
  const base = t.testdir();
  const { run: first } = await startPrepare(base, { python3: hangingPython, 'g++': compiler }, ['--port', 'tfjs']);
  const half = () => cached(base).find((name) => name.startsWith(`.${addonName}.tmp-`));
  while (half() === undefined || !findHalf(join(base, 'cache')))
    await new Promise((resolve) => setTimeout(resolve, 50));
  first.kill('SIGKILL');
  t.equal((await first).signal, 'SIGKILL');
  process.kill(Number(readFileSync(join(base, 'pip.pid'), 'utf8')));
  const left = half();
  t.ok(left, 'half a download is there');
  t.notOk(cached(base).includes(addonName), 'but not under the name that is looked for');

  const { run } = await startPrepare(base, { python3: offlinePython }, ['--port', 'tfjs']);
  const { exitCode, stderr } = await run;
  t.equal(exitCode, 3);
  t.match(stderr, 'Could not find a version that satisfies tensorflow-cpu==2.21.0', "pip's own reason");
  t.notOk(half(), 'what was left is gone');
  t.notOk(cached(base).includes(addonName));
});

t.test('where it cannot be built, the official prebuilt addon is fetched, tried and announced', async (t) => {
  const addon = findTfjsAddon('cpu');
  if (addon === null) {
    t.comment('not run: tfjs is not prepared on this machine');
    return;
  }
  // The real addon, its libraries as links to where they lie: what matters is the way it takes.
  const base = t.testdir({ pack: { addon: {}, deps: { lib: { 'libtensorflow.so': '' } } } });
  const pack = join(base, 'pack');
  await writeFile(join(pack, 'addon', 'tfjs_binding.node'), await readFile(addon));
  for (const library of ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2']) {
    await symlink(join(dirname(addon), library), join(pack, 'addon', library));
  }
  for (const name of ['addon', 'deps'])
    await execa('tar', ['-czf', join(pack, `${name}.tgz`), '-C', join(pack, name), '.']);
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    asked.push(request.url ?? '');
    const name = request.url?.includes('pre-built-binary') === true ? 'addon' : 'deps';
    response.end(await readFile(join(pack, `${name}.tgz`)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const address = server.address();
  const cdn = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`;

  const tools = { tar: `#!/bin/sh\nPATH=${process.env.PATH ?? ''}${delimiter}/usr/bin exec tar "$@"\n` };
  const { run } = await startPrepare(base, tools, ['--port', 'tfjs'], cdn);
  const { exitCode, stderr } = await run;
  t.equal(exitCode, 0, stderr);
  t.match(stderr, /Cannot build the addon here: python3 was not found .* Trying the official prebuilt one/);
  t.match(stderr, /tfjs: ready \(TensorFlow [\d.]+, official prebuilt addon\)/);
  t.same(asked, [
    '/tf-builds/pre-built-binary/napi-v8/4.22.0/CPU-linux-4.22.0.tar.gz',
    '/tensorflow/libtensorflow/libtensorflow-cpu-linux-x86_64-2.9.1.tar.gz',
  ]);
  const folder = join(base, 'cache', 'tipcheck', 'tfjs-node-gpu', '4.22.0-tf2.9.1-cpu-official');
  t.equal(await readlink(join(folder, 'tfjs_binding.node')), join('lib', 'napi-v8', 'tfjs_binding.node'));
});

const slow =
  process.env.TIPCHECK_TEST_ALL === '1' ? false : 'not run: fetches 274 MB several times; npm run test:all does';

// Of a file run by itself, without tap's own settings.
t.setTimeout(900_000);

t.test('killed at any step, the next run makes it whole', { skip: slow }, async (t) => {
  const base = t.testdir();
  const env = { XDG_CACHE_HOME: join(base, 'cache'), TIPCHECK_SKIP_ENSURE: '1' };
  const program = join(packageRoot, 'cli', 'tipcheck.mjs');
  const start = () =>
    execa(process.execPath, [program, 'prepare', '--port', 'tfjs', '--device', 'cpu'], { env, reject: false });
  for (const step of ['Downloading', 'Unpacking', 'Compiling', 'Trying']) {
    const run = start();
    run.stderr?.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes(step)) setTimeout(() => run.kill('SIGKILL'), 300);
    });
    t.equal((await run).signal, 'SIGKILL', `killed while ${step}`);
    t.notOk(cached(base).includes(addonName), 'nothing that looks whole');
  }
  const [one, other] = await Promise.all([start(), start()]);
  t.equal(one.exitCode, 0, one.stderr);
  t.equal(other.exitCode, 0, other.stderr);
  const both = [one.stderr, other.stderr];
  t.equal(both.filter((text) => /^Compiling/m.test(text)).length, 1, 'of two at once, one works');
  t.ok(both.every((text) => text.includes('tfjs: ready (TensorFlow 2.21.0, built here')));
  t.same(
    cached(base).filter((name) => name.startsWith('.')),
    [],
    'no leftovers',
  );
  const startedAt = Date.now();
  t.equal((await start()).exitCode, 0);
  t.ok(Date.now() - startedAt < 5000, 'quick the second time');
});

function findHalf(cache: string): boolean {
  return readdirSync(cache, { recursive: true }).some((name) => String(name).endsWith('half.whl'));
}
