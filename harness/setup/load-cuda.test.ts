import { join } from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { packageRoot } from '../support/package-root.js';
import { lacksCompiler, makeDriver, makeLibrary } from './fake-driver-for-tests.js';

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
  const lack = await lacksCompiler();
  if (lack !== null) return t.comment(`not run: ${lack}`);
  const folder = t.testdir({ bin: {} });
  await makeDriver(folder, 12_040);
  t.match(
    await load(folder, 13),
    /^EnvironmentError: Cannot run it: the NVIDIA driver knows CUDA 12\.4, and the engine is built for 13\. Fix: /,
  );
  await makeDriver(folder, 13_010);
  await makeLibrary(folder, 'libcudart.so.13');
  t.match(
    await load(folder, 13),
    /^EnvironmentError: Cannot run it: libcublas\.so\.13 is neither in LD_LIBRARY_PATH, .+; the package nvidia-cublas==13\.\S+ brings it\. Fix: fetch it$/,
  );
  await makeLibrary(folder, 'libcublas.so.13');
  await makeLibrary(folder, 'libcublasLt.so.13');
  t.strictSame(JSON.parse(await load(folder, 13)), {
    card: 'A card, compute capability 9.0, 8192 MB',
    driver: 'CUDA 13.1',
    CUDA: `libcudart.so.13 (${folder}), libcublas.so.13`,
  });
});
