import { join } from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { packageRoot } from '../support/package-root.js';

/** A driver that knows a version of CUDA and has one card. */
const driver = (version: number) => `
#include <string.h>
int cuDriverGetVersion(int *version) { *version = ${version}; return 0; }
int cuInit(unsigned int flags) { return 0; }
int cuDeviceGet(int *device, int at) { *device = 7; return device[0] == 7 ? at : 1; }
int cuDeviceGetName(char *name, int length, int device) { strcpy(name, "A card"); return device == 7 ? 0 : 101; }
int cuDeviceTotalMem_v2(unsigned long long *bytes, int device) { *bytes = 8ull << 30; return 0; }
int cuDeviceGetAttribute(int *value, int attribute, int device) { *value = attribute == 75 ? 9 : 0; return 0; }
`;

const compiler = await execa('cc', ['--version'], { reject: false });

async function compile(folder: string, name: string, source: string): Promise<void> {
  const args = ['-shared', '-fPIC', `-Wl,-soname,${name}`, '-x', 'c', '-o', join(folder, name), '-'];
  await execa('cc', args, { input: source });
}

/** The loader reads its path when a process starts. */
async function load(folder: string, major: number) {
  const module = join(packageRoot, 'dist', 'harness', 'setup', 'load-cuda.js');
  const wanted = '(name) => /^lib(cudart|cublas)\\.so/.test(name)';
  const call = `loadCuda(${major}, { purpose: 'run it', wanted: ${wanted}, fix: 'fetch it' })`;
  const script = `import { loadCuda } from ${JSON.stringify(module)};
    try { console.log(JSON.stringify(await ${call})) } catch (error) { console.log(error.name + ': ' + error.message) }`;
  const { stdout } = await execa(process.execPath, ['--input-type=module', '-e', script], {
    env: { LD_LIBRARY_PATH: folder, XDG_CACHE_HOME: folder, PATH: join(folder, 'bin'), HOME: folder },
    extendEnv: false,
    cwd: packageRoot,
  });
  return stdout;
}

t.test('without a driver one sentence says so, before anything else is loaded', async (t) => {
  const said = await load(t.testdir(), 13);
  if (said.includes('libcudart')) return t.comment("not run: this machine has a GPU's driver");
  t.match(said, /^EnvironmentError: Cannot run it: libcuda\.so\.1 does not load \(.+\); the NVIDIA driver is wanted, /);
  t.match(said, 'Fix: install the driver');
});

t.test('with a driver it is said what is there, what is missing and what brings it', async (t) => {
  if (compiler.exitCode !== 0) return t.comment('not run: no C compiler was found');
  const folder = t.testdir({ bin: {} });
  await compile(folder, 'libcuda.so.1', driver(12_040));
  t.match(
    await load(folder, 13),
    /^EnvironmentError: Cannot run it: the NVIDIA driver knows CUDA 12\.4, and the engine is built for 13\. Fix: /,
  );
  await compile(folder, 'libcuda.so.1', driver(13_010));
  await compile(folder, 'libcudart.so.13', '');
  t.match(
    await load(folder, 13),
    /^EnvironmentError: Cannot run it: libcublas\.so\.13 is neither in LD_LIBRARY_PATH, .+; the package nvidia-cublas==13\.\S+ brings it\. Fix: fetch it$/,
  );
  await compile(folder, 'libcublas.so.13', '');
  t.strictSame(JSON.parse(await load(folder, 13)), {
    card: 'A card, compute capability 9.0, 8192 MB',
    driver: 'CUDA 13.1',
    CUDA: `libcudart.so.13 (${folder}), libcublas.so.13`,
  });
});
