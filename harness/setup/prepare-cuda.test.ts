import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { zipSync } from 'fflate';
import t from 'tap';
import { packageRoot } from '../support/package-root.js';
import { cudaSets } from './cuda-sets.js';

const { parts, folder: cached } = cudaSets[12];

/** A machine whose python3 "downloads" wheels of empty libraries, and has some in its site-packages. */
function makeMachine(folder: string, has: readonly string[], version: string): void {
  for (const name of ['bin', 'wheels']) mkdirSync(join(folder, name));
  const script = `#!/bin/sh
case "$*" in
  --version) echo "Python 3.11.7" ;;
  *"pip --version") echo "pip 23.2.1 from somewhere" ;;
  *"pip download"*)
    for last; do :; done
    name=$(sed 's/==.*//' "$last/requirement.txt")
    echo "$name" >> "${folder}/fetched"
    cp "${folder}/wheels/$name" "$last/one.whl" ;;
esac
`;
  for (const [name, text] of [
    ['python3', script],
    ['ldconfig', '#!/bin/sh\n'],
  ] as const) {
    writeFileSync(join(folder, 'bin', name), text);
    chmodSync(join(folder, 'bin', name), 0o755);
  }
  const packages = join(folder, 'lib', 'python3.11', 'site-packages');
  for (const { wheel, libraries } of parts) {
    const name = wheel.requirement.split('==')[0]!;
    const files = libraries.map((library) => [`nvidia/${name}/lib/${library}`, new Uint8Array([1])] as const);
    writeFileSync(join(folder, 'wheels', name), zipSync(Object.fromEntries(files)));
    if (!has.includes(name)) continue;
    mkdirSync(join(packages, `${name.replaceAll('-', '_')}-${version}.dist-info`), { recursive: true });
    mkdirSync(join(packages, 'nvidia', name, 'lib'), { recursive: true });
    for (const library of libraries) writeFileSync(join(packages, 'nvidia', name, 'lib', library), '');
  }
}

/** @returns what was fetched, and what was said */
async function prepare(folder: string, wanted: string) {
  rmSync(join(folder, 'fetched'), { force: true });
  const script = `import { prepareCuda } from './dist/harness/setup/prepare-cuda.js';
    await prepareCuda(12, ${wanted}, { step: console.log, update() {} })`;
  const env = { PATH: `${folder}/bin:/usr/bin:/bin`, HOME: folder, XDG_CACHE_HOME: folder };
  const args = ['--input-type=module', '-e', script];
  const { stdout } = await execa(process.execPath, args, { env, extendEnv: false, cwd: packageRoot });
  const list = join(folder, 'fetched');
  return { fetched: existsSync(list) ? readFileSync(list, 'utf8').trim().split('\n') : [], stdout };
}

t.test('what the machine lacks is fetched, beside what was fetched before', async (t) => {
  const folder = t.testdir();
  const has = ['nvidia-cuda-runtime-cu12', 'nvidia-cublas-cu12', 'nvidia-curand-cu12', 'nvidia-nvjitlink-cu12'];
  makeMachine(folder, has, '12.4.127');
  const some = '(name) => /^lib(cudart|cublas|cublasLt|cudnn|curand)/.test(name)';
  const first = await prepare(folder, some);
  t.strictSame(first.fetched, ['nvidia-cublas-cu12', 'nvidia-cudnn-cu12'], 'cuDNN, and the cuBLAS that it needs');
  t.match(first.stdout, 'Of CUDA 12, 2 wheels will be fetched, ');
  const site = join(folder, 'lib', 'python3.11', 'site-packages', 'nvidia');
  const own = join(folder, 'tipcheck', cached, 'nvidia');
  t.match(first.stdout, `libcudart.so.12 12.4.127 (${site}/nvidia-cuda-runtime-cu12/lib)`);
  t.match(first.stdout, `libcublas.so.12 12.9.1.4 (${own}/nvidia-cublas-cu12/lib)`);
  t.strictSame((await prepare(folder, some)).fetched, []);
  const rest = await prepare(folder, 'null');
  t.strictSame(
    rest.fetched,
    parts
      .map(({ wheel }) => wheel.requirement.split('==')[0]!)
      .filter((name) => !/runtime|cublas|curand|cudnn/.test(name)),
  );
  t.ok(existsSync(join(own, 'nvidia-cudnn-cu12', 'lib', 'libcudnn.so.9')), 'what was there before');
  const last = await prepare(folder, 'null');
  t.strictSame(last.fetched, []);
  t.match(last.stdout, `libcusparse.so.12 12.5.10.65 (${own}/nvidia-cusparse-cu12/lib)`);
});
