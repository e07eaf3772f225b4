import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { float32NdArray } from '../contract/nd-array.js';
import { probeOf } from './bad-bundles-for-tests.js';
import { listShippedBundles, resolveBundleFolder } from './list-shipped.js';
import { renderNpy } from './npy.js';
import { readBundle } from './read-bundle.js';
import { renderPdparams } from './render-pdparams.js';
import { writeTestBundle } from './test-bundle.js';
import { resolveWeights } from './weights.js';

t.test('a valid bundle is read whole', async (t) => {
  const bundle = await readBundle(await writeTestBundle(t.testdir()));
  t.equal(bundle.id, 'tiny-infer');
  t.equal(bundle.phase, 'infer');
  t.equal(bundle.train, null);
  t.match(bundle.caseSha256, /^[0-9a-f]{64}$/);
  t.same([...bundle.parameters.keys()], ['conv.weight', 'norm.weight', 'norm.bias', 'norm._mean', 'norm._variance']);
  t.same(
    bundle.probes.map(({ name, shape, sample, informative }) => ({ name, shape, sample, informative })),
    ['y', 'z', 'logits'].map((name) => ({ name, shape: [1, 3, 2, 2], sample: null, informative: true })),
  );
  const [y] = bundle.probes;
  t.equal(y?.value[0], 2 * Math.fround(Math.sin(1)));
  t.same(y?.noise, { relRms: 1e-7, maxOverRms: 5e-7 });
  const rms = Math.sqrt(y!.value.reduce((sum, value) => sum + value * value, 0) / 12);
  t.ok(Math.abs(y!.rms - rms) < 1e-12);
  const weights = resolveWeights(bundle);
  t.same([...weights.get('norm._variance')!.data], [1, 2, 3]);
  t.equal(weights.get('conv.weight')?.data.length, 9);
});

t.test('a valid training bundle is read whole', async (t) => {
  const { train, inputs, probes } = await readBundle(await writeTestBundle(t.testdir(), undefined, 'train'));
  t.equal(inputs.size, 0);
  t.equal(probes.length, 0);
  t.equal(train?.iters, 10);
  t.same(train?.steps[0]?.label.data, BigInt64Array.of(0n, 1n, 255n, 2n));
  t.same(train?.expect.loss, [{ value: 1.25, noise: 1e-7, noiseAt: new Map() }]);
  t.same(train?.expect.buffers[0]?.name, 'norm._mean');
});

t.test('a sampled probe holds its elements and the rms of the whole', async (t) => {
  const folder = await writeTestBundle(t.testdir(), (draft) => {
    const probe = probeOf(draft, 0);
    probe.shape = [1, 3, 20, 20];
    probe.sample = { seed: 9, count: 5 };
    probe.rms = 1.5;
    probe.value = { file: 'y.npy' };
    draft.files.set('y.npy', renderNpy(float32NdArray([5], Float32Array.of(1, 2, 3, 4, 5))));
  });
  const { probes } = await readBundle(folder);
  t.match(probes[0], { sample: { seed: 9, count: 5 }, rms: 1.5, shape: [1, 3, 20, 20] });
  t.equal(probes[0]?.value.length, 5);
});

t.test('weights may come from a pdparams file, and later sources override', async (t) => {
  const folder = await writeTestBundle(t.testdir(), (draft) => {
    draft.files.set(
      'w.pdparams',
      renderPdparams(new Map([['norm.bias', float32NdArray([3], Float32Array.of(7, 8, 9))]])),
    );
    draft.json.weights.push({ pdparams: 'w.pdparams' });
  });
  t.same([...resolveWeights(await readBundle(folder)).get('norm.bias')!.data], [7, 8, 9]);
});

t.test('a file that case.json does not list is never read', async (t) => {
  const folder = await writeTestBundle(t.testdir());
  await symlink('/dev/zero', join(folder, 'README.md'));
  await t.resolves(readBundle(folder));
});

t.test('every shipped bundle is valid', async (t) => {
  const names = listShippedBundles();
  t.ok(names.includes('segnext-t'));
  for (const name of names) {
    const bundle = await readBundle(resolveBundleFolder(name));
    t.equal(resolveWeights(bundle).size, bundle.parameters.size, name);
  }
});

t.test('a bundle that is not there is told with the names of those that are', async (t) => {
  t.throws(() => resolveBundleFolder('segnext-tt'), {
    name: 'UserError',
    message: /^Cannot find bundle segnext-tt: there is no such folder; .* is wanted\. Did you mean segnext-t\?$/,
  });
  t.throws(() => resolveBundleFolder(t.testdir()), {
    message: /the folder has no case\.json; a golden bundle is wanted$/,
  });
});
