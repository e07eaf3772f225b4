import { chmodSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import t from 'tap';
import { describeCudaLibraries, findCudaLibraries } from './find-cuda.js';

const isRuntime = (name: string) => name.startsWith('libcudart.');
const isBlas = (name: string) => name === 'libcublas.so.12';

/** Nothing of this machine's: neither its Python nor its loader's list. */
function environment(folder: string, changes: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  chmodSync(join(folder, 'bin', 'ldconfig'), 0o755);
  return { PATH: join(folder, 'bin'), HOME: folder, ...changes };
}

const noList = '#!/bin/sh\n';

t.test('the active Python has CUDA’s libraries, with the versions of their packages', async (t) => {
  const packages = {
    nvidia: { cuda_runtime: { lib: { 'libcudart.so.12': '' } }, cu13: { lib: { 'libcudart.so.13': '' } } },
    'nvidia_cuda_runtime_cu12-12.4.127.dist-info': {},
    'nvidia_cuda_runtime-13.0.96.dist-info': {},
  };
  const folder = t.testdir({
    bin: { python3: '', ldconfig: noList },
    lib: { 'python3.12': { 'site-packages': packages } },
  });
  for (const [major, version, part] of [
    [12, '12.4.127', 'cuda_runtime'],
    [13, '13.0.96', 'cu13'],
  ] as const) {
    const [found] = findCudaLibraries(major, isRuntime, environment(folder));
    t.equal(found?.version, version);
    t.equal(
      found?.path,
      join(folder, 'lib', 'python3.12', 'site-packages', 'nvidia', part, 'lib', `libcudart.so.${major}`),
    );
  }
});

t.test('LD_LIBRARY_PATH comes before the loader’s list; a link’s file says the version', async (t) => {
  const folder = t.testdir({
    bin: { ldconfig: '' },
    system: {
      'libcublas.so.12': t.fixture('symlink', 'libcublas.so.12.6.4.1'),
      'libcublas.so.12.6.4.1': '',
      'libcublasLt.so.12': '',
    },
    own: { 'libcublas.so.12': '', 'libcublasLt.so.12': '' },
    half: { 'libcublas.so.12': '' },
  });
  const path = join(folder, 'system', 'libcublas.so.12');
  const line = (name: string) => `printf '\\t${name} (libc6,x86-64) => ${join(folder, 'system', name)}\\n'\n`;
  const list = `#!/bin/sh\n${line('libcublas.so.12')}${line('libcublasLt.so.12')}`;
  writeFileSync(join(folder, 'bin', 'ldconfig'), list);
  const [listed] = findCudaLibraries(12, isBlas, environment(folder));
  t.equal(listed?.path, path);
  t.equal(listed?.version, '12.6.4.1');
  t.equal(describeCudaLibraries([listed!]), `libcublas.so.12 12.6.4.1 (${join(folder, 'system')})`);
  // A folder with one of two libraries of a package is passed by: they would be of two versions.
  const LD_LIBRARY_PATH = ['', join(folder, 'half'), join(folder, 'own')].join(delimiter);
  const [own] = findCudaLibraries(12, isBlas, environment(folder, { LD_LIBRARY_PATH }));
  t.equal(own?.path, join(folder, 'own', 'libcublas.so.12'));
  t.equal(own?.version, null);
});

t.test('what is nowhere names the package that brings it', async (t) => {
  const folder = t.testdir({ bin: { ldconfig: noList } });
  const [found] = findCudaLibraries(12, isBlas, environment(folder));
  if (found?.path !== null) t.comment("not run: this machine has a GPU's libraries");
  else t.strictSame(found, { ...found, requirement: 'nvidia-cublas-cu12==12.9.1.4', path: null, version: null });
});
