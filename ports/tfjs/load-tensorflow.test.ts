import { mkdirSync, symlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { lacksCompiler, makeCard } from '../../harness/setup/fake-driver-for-tests.js';
import { packageRoot } from '../../harness/support/package-root.js';
import { findTfjsAddon, tfjsAddonFolder } from './addon.js';

/** Loads TensorFlow on the device gpu, with the addon of the CPU, which may say that it sees a card. */
const script = (sees: boolean) => `
  import { loadTensorFlow } from './dist/ports/tfjs/load-tensorflow.js';
  const load = () => ({
    version: { tfjs: '4' },
    backend: () => ({ isUsingGpuDevice: ${sees}, binding: { TF_Version: '2' } }),
  });
  try {
    const { report } = await loadTensorFlow({ device: 'gpu' }, load);
    console.log(JSON.stringify(report));
  } catch (error) {
    console.log(error.name + ': ' + error.message);
  }`;

/** A cache whose addon for a card is the CPU's. */
function placeAddon(cache: string, addon: string): void {
  const folder = join(cache, 'tipcheck', 'tfjs-node-gpu');
  mkdirSync(folder, { recursive: true });
  symlinkSync(dirname(addon), join(folder, basename(tfjsAddonFolder('gpu'))));
}

t.test('what runs on a card names it, its driver, and CUDA’s libraries with their folder', async (t) => {
  const lack = await lacksCompiler();
  if (lack !== null) return t.comment(`not run: ${lack}`);
  const addon = findTfjsAddon('cpu');
  if (addon === null)
    return t.comment('not run: the addon of tfjs-node-gpu is not prepared; npx tipcheck prepare --port tfjs');
  const folder = t.testdir();
  placeAddon(join(folder, 'cache'), addon);
  const card = await makeCard(join(folder, 'card'), 12);
  const run = async (sees: boolean, changes: Record<string, string> = {}) => {
    const env = { ...card, XDG_CACHE_HOME: join(folder, 'cache'), HOME: folder, ...changes };
    const args = ['--input-type=module', '-e', script(sees)];
    return (await execa(process.execPath, args, { env, extendEnv: false, cwd: packageRoot })).stdout;
  };
  const { device, tf32, details } = JSON.parse(
    await run(true, { CUDA_VISIBLE_DEVICES: '2,3', NVIDIA_TF32_OVERRIDE: '0' }),
  );
  t.strictSame([device, tf32], ['gpu', 'off']);
  t.equal(details.card, 'A card, compute capability 9.0, 8192 MB');
  t.equal(details.driver, 'CUDA 12.0');
  t.match(details.CUDA, `libcudart.so.12 (${join(folder, 'card')}), libnvJitLink.so.12, libcublas.so.12, `);
  t.match(details.CUDA, ', libcudnn.so.9, ');
  t.equal(
    details['provider options'],
    '{"TF_FORCE_GPU_ALLOW_GROWTH":"true","CUDA_VISIBLE_DEVICES":"2"}',
    'of two cards the first, as the driver names it',
  );
  t.match(
    await run(false),
    /^EnvironmentError: Cannot use device gpu for tfjs: TensorFlow sees no GPU, and the driver names A card, /,
  );
});
