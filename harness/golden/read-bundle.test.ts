import { link, mkdir, readFile, rename, symlink, truncate, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { float32NdArray, type NdArray } from '../contract/nd-array.js';
import { UserError } from '../support/errors.js';
import { listShippedBundles, resolveBundleFolder } from './list-shipped.js';
import { renderNpy } from './npy.js';
import { renderNpz } from './npz.js';
import { readBundle } from './read-bundle.js';
import { renderPdparams } from './render-pdparams.js';
import { type BundleDraft, writeTestBundle } from './test-bundle.js';
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

interface BadInput {
  readonly what: string;
  readonly change?: (draft: BundleDraft) => void;
  /** After the bundle was written with right hashes. */
  readonly spoil?: (folder: string) => Promise<void>;
  readonly train?: true;
  readonly error: RegExp;
}

const badInputs: readonly BadInput[] = [
  {
    what: 'no case.json',
    spoil: (folder) => unlink(join(folder, 'case.json')),
    error: /case\.json: it is not there; a folder with a case\.json is wanted$/,
  },
  {
    what: 'a case.json that is not JSON',
    spoil: (folder) => writeFile(join(folder, 'case.json'), '{"format": '),
    error: /case\.json: it is not JSON \(line 1: .*\); a golden bundle's case is wanted$/,
  },
  {
    what: 'a missing file',
    spoil: (folder) => unlink(join(folder, 'probes.npz')),
    error: /probes\.npz: it is not there; case\.json lists it in sha256$/,
  },
  {
    what: 'a truncated file',
    spoil: (folder) => truncate(join(folder, 'image.npy'), 140),
    error: /image\.npy: its sha256 is [0-9a-f]{64}; [0-9a-f]{64} is wanted \(case\.json: sha256\["image\.npy"\]\)$/,
  },
  {
    what: 'a truncated file of the right hash',
    change: (draft) => draft.files.set('image.npy', imageBytes().subarray(0, 140)),
    error:
      /image\.npy \(case\.json: inputs\.image\): it is truncated: it has 140 bytes; its header \(f4, shape \[1, 3, 2, 2\]\) needs 176$/,
  },
  {
    what: 'trailing bytes',
    change: (draft) => draft.files.set('image.npy', Buffer.concat([imageBytes(), Buffer.alloc(4)])),
    error: /image\.npy \(case\.json: inputs\.image\): it has trailing bytes: it has 180 bytes; .* needs 176$/,
  },
  {
    what: 'a wrong hash',
    change: (draft) => draft.hashes.set('probes.npz', 'a'.repeat(64)),
    error: /probes\.npz: its sha256 is [0-9a-f]{64}; a{64} is wanted/,
  },
  {
    what: 'a hash that is none',
    change: (draft) => draft.hashes.set('probes.npz', 'none'),
    error: /case\.json: sha256\["probes\.npz"\] is "none"; text that matches .* is wanted$/,
  },
  {
    what: 'an unknown key',
    change: (draft) => Object.assign(draft.json, { probe: [] }),
    error: /case\.json: probe is an unknown key; one of format, id, .* is wanted\. Did you mean probes\?$/,
  },
  {
    what: 'an unknown key in a probe',
    change: (draft) => Object.assign(probeOf(draft, 1), { ownnoise: {} }),
    error: /case\.json: probes\[1\]\.ownnoise is an unknown key; .* Did you mean own_noise\?$/,
  },
  {
    what: 'an unknown key in a reference',
    change: (draft) => Object.assign(probeOf(draft, 1).value!, { path: 'x' }),
    error: /case\.json: probes\[1\]\.value\.path is an unknown key; one of file, key is wanted\.$/,
  },
  {
    what: 'a missing key',
    change: (draft) => Reflect.deleteProperty(draft.json, 'model'),
    error: /case\.json: model is missing; it is wanted$/,
  },
  {
    what: 'another format',
    change: (draft) => Object.assign(draft.json, { format: 'golden-bundle/3' }),
    error: /case\.json: format is "golden-bundle\/3"; "golden-bundle\/1" or "golden-bundle\/2" is wanted$/,
  },
  {
    what: 'another phase',
    change: (draft) => Object.assign(draft.json, { phase: 'eval' }),
    error: /case\.json: phase is "eval"; one of "infer", "train" is wanted$/,
  },
  {
    what: 'train in a bundle of phase infer',
    change: (draft) => Object.assign(draft.json, { train: {} }),
    error: /case\.json: train .*/,
  },
  {
    what: 'probes in a bundle of phase train',
    train: true,
    change: (draft) => Object.assign(draft.json, { probes: [{}] }),
    error: /case\.json: probes.*/,
  },
  {
    what: 'NaN in a golden',
    change: (draft) => setProbeValue(draft, 1, Number.NaN),
    error: /probes\.npz\[z\] \(case\.json: probes\[1\]\.value, probe z\): element 4 is NaN; finite numbers are wanted$/,
  },
  {
    what: 'Inf in a golden',
    change: (draft) => setProbeValue(draft, 1, Number.NEGATIVE_INFINITY),
    error: /probes\.npz\[z\] .*: element 4 is -Infinity; finite numbers are wanted$/,
  },
  {
    what: 'NaN in the image',
    change: (draft) =>
      draft.files.set('image.npy', renderNpy(float32NdArray([1, 3, 2, 2], new Float32Array(12).fill(Number.NaN)))),
    error: /image\.npy \(case\.json: inputs\.image\): element 0 is NaN; finite numbers are wanted$/,
  },
  {
    what: 'NaN in the weights',
    change: (draft) => setBuffers(draft, Float32Array.of(1, Number.NaN, 1)),
    error:
      /buffers\.npz\[norm\._variance\] \(case\.json: weights\[1\]\.arrays\["norm\._variance"\]\): element 1 is NaN; finite numbers are wanted$/,
  },
  {
    what: 'a big-endian array',
    change: (draft) =>
      draft.files.set('image.npy', withHeader("{'descr': '>f4', 'fortran_order': False, 'shape': (1, 3, 2, 2), }")),
    error: /image\.npy \(case\.json: inputs\.image\): its dtype '>f4' is big-endian; little-endian is wanted$/,
  },
  {
    what: 'a Fortran-order array',
    change: (draft) =>
      draft.files.set('image.npy', withHeader("{'descr': '<f4', 'fortran_order': True, 'shape': (1, 3, 2, 2), }")),
    error: /image\.npy \(case\.json: inputs\.image\): it is in Fortran order; C order is wanted$/,
  },
  {
    what: 'an array of another dtype',
    change: (draft) =>
      draft.files.set('image.npy', renderNpy({ dtype: 'f8', shape: [1, 3, 2, 2], data: new Float64Array(12) })),
    error: /image\.npy \(case\.json: inputs\.image\): its dtype is f8; f4 is wanted$/,
  },
  {
    what: 'an npz outside its folder',
    change: (draft) => Object.assign(probeOf(draft, 0).value!, { file: '../probes.npz' }),
    error:
      /case\.json: probes\[0\]\.value, probe y refers to "\.\.\/probes\.npz", which leaves the folder; a relative path within it is wanted$/,
  },
  {
    what: 'an absolute path',
    change: (draft) => Object.assign(probeOf(draft, 0).value!, { file: '/tmp/probes.npz' }),
    error: /refers to "\/tmp\/probes\.npz", which leaves the folder/,
  },
  {
    what: 'a hash of a file outside the folder',
    change: (draft) => draft.hashes.set('a/../../image.npy', 'a'.repeat(64)),
    error:
      /case\.json: sha256\["a\/\.\.\/\.\.\/image\.npy"\] refers to "a\/\.\.\/\.\.\/image\.npy", which leaves the folder/,
  },
  {
    what: 'a link out of the folder',
    spoil: async (folder) => {
      const outside = join(folder, '..', 'outside.npy');
      await writeFile(outside, await readFile(join(folder, 'image.npy')));
      await unlink(join(folder, 'image.npy'));
      await symlink(outside, join(folder, 'image.npy'));
    },
    error: /case\.json: sha256\["image\.npy"\] is a link that leaves the folder; a file within it is wanted$/,
  },
  {
    what: 'a folder in place of a file',
    spoil: async (folder) => {
      await unlink(join(folder, 'image.npy'));
      await mkdir(join(folder, 'image.npy'));
    },
    error: /case\.json: sha256\["image\.npy"\] is not a plain file; one is wanted$/,
  },
  {
    what: 'a file with a second hard link',
    spoil: (folder) => link(join(folder, 'image.npy'), join(folder, 'image-2.npy')),
    error:
      /case\.json: sha256\["image\.npy"\] has a second name elsewhere \(a hard link\); a file of its own is wanted\. Fix: copy it$/,
  },
  {
    what: 'a case.json that is a link out of the folder',
    spoil: async (folder) => {
      await rename(join(folder, 'case.json'), join(folder, '..', 'outside.json'));
      await symlink('../outside.json', join(folder, 'case.json'));
    },
    error: /case\.json: it is a link that leaves the folder; a file within it is wanted$/,
  },
  {
    what: 'a case.json that is a pipe',
    spoil: async (folder) => {
      await unlink(join(folder, 'case.json'));
      await execa('mkfifo', [join(folder, 'case.json')]);
    },
    error: /case\.json: it is not a plain file; one is wanted$/,
  },
  {
    what: 'an npz that claims a size it has not',
    change: (draft) => claimSize(draft, 1_000_000),
    error:
      /probes\.npz.*: entry y\.npy is 176 bytes by its local header and 1000000 by the directory; one size is wanted$/,
  },
  {
    what: 'an npz of another size than its header says',
    change: (draft) => claimSize(draft, 1000, true),
    error: /probes\.npz\[y\].*: the zip claims 1000 bytes; its header \(f4, shape \[1, 3, 2, 2\]\) needs 176$/,
  },
  {
    what: 'a key that the npz lacks',
    change: (draft) => Object.assign(probeOf(draft, 2).value!, { key: 'logit' }),
    error:
      /probes\.npz\[logit\] \(case\.json: probes\[2\]\.value, probe logits\): the \.npz has no such key; one of its 3 keys is wanted\. Did you mean logits\?$/,
  },
  {
    what: 'an npz without a key',
    change: (draft) => Reflect.deleteProperty(probeOf(draft, 2).value!, 'key'),
    error:
      /case\.json: probes\[2\]\.value, probe logits refers to probes\.npz without a key; a key of the \.npz is wanted$/,
  },
  {
    what: 'a key of an npy',
    change: (draft) => Object.assign(draft.json.inputs?.image ?? {}, { key: 'image' }),
    error: /case\.json: inputs\.image gives the key image for image\.npy; a key goes with a \.npz only$/,
  },
  {
    what: 'a file that sha256 does not list',
    change: (draft) => Object.assign(draft.json.inputs?.image ?? {}, { file: 'other.npy' }),
    error: /case\.json: inputs\.image refers to other\.npy, which sha256 does not list; a listed file is wanted$/,
  },
  {
    what: 'an image of zero height',
    change: (draft) => draft.files.set('image.npy', renderNpy(float32NdArray([1, 3, 0, 2], new Float32Array(0)))),
    error: /image\.npy \(case\.json: inputs\.image\): its shape is \[1, 3, 0, 2\]; no extent of zero is wanted$/,
  },
  {
    what: 'an image without a batch axis',
    change: (draft) => draft.files.set('image.npy', renderNpy(float32NdArray([3, 2, 2], new Float32Array(12)))),
    error: /image\.npy \(case\.json: inputs\.image\): its shape is \[3, 2, 2\]; \[b, 3, h, w\] is wanted$/,
  },
  {
    what: 'no probes',
    change: (draft) => Object.assign(draft.json, { probes: [] }),
    error: /case\.json: probes is empty; at least one is wanted$/,
  },
  {
    what: 'probes left out',
    change: (draft) => Reflect.deleteProperty(draft.json, 'probes'),
    error: /case\.json: probes is missing; it is wanted$/,
  },
  {
    what: 'a probe of zero size',
    change: (draft) => Object.assign(probeOf(draft, 0), { shape: [1, 3, 0, 2] }),
    error: /case\.json: probes\[0\]\.shape\[2\] is 0; at least 1 is wanted$/,
  },
  {
    what: 'a probe in another shape than its value',
    change: (draft) => Object.assign(probeOf(draft, 0), { shape: [1, 3, 4, 1] }),
    error: /probes\.npz\[y\] .*: its shape is \[1, 3, 2, 2\]; \[1, 3, 4, 1\] is wanted$/,
  },
  {
    what: 'two probes of one name',
    change: (draft) => Object.assign(probeOf(draft, 1), { name: 'y' }),
    error: /case\.json: probes\[1\]\.name is y, as is probes\[0\]\.name; each name once is wanted$/,
  },
  {
    what: 'a sampled probe without rms',
    change: (draft) => Object.assign(probeOf(draft, 0), { sample: { seed: 1, count: 12 } }),
    error: /case\.json: probes\[0\]\.rms is missing; it is wanted, as the probe is sampled$/,
  },
  {
    what: 'a sample of another count',
    change: (draft) => Object.assign(probeOf(draft, 0), { sample: { seed: 1, count: 11 }, rms: 1 }),
    error: /probes\.npz\[y\] .*: its shape is \[1, 3, 2, 2\]; \[11\] is wanted$/,
  },
  {
    what: 'an rms that is not the value’s',
    change: (draft) => Object.assign(probeOf(draft, 0), { rms: 1000 }),
    error: /case\.json: probes\[0\]\.rms is 1000; 1\.\d+, the rms of the value itself, is wanted$/,
  },
  {
    what: 'negative noise',
    change: (draft) => Object.assign(probeOf(draft, 0).noise!, { rel_rms: -1 }),
    error: /case\.json: probes\[0\]\.noise\.rel_rms is -1; at least 0 is wanted$/,
  },
  {
    what: 'infinite noise',
    spoil: (folder) => replaceInCase(folder, '"rel_rms": 1e-7', '"rel_rms": 1e999'),
    error: /case\.json: probes\[0\]\.noise\.rel_rms is Infinity; a number is wanted$/,
  },
  {
    what: 'noise that is text',
    change: (draft) => Object.assign(probeOf(draft, 0).noise!, { rel_rms: '1e-7' }),
    error: /case\.json: probes\[0\]\.noise\.rel_rms is "1e-7"; a number is wanted$/,
  },
  {
    what: 'a buffer without a value',
    change: (draft) => Reflect.deleteProperty(draft.json.weights[1]?.arrays ?? {}, 'norm._mean'),
    error:
      /case\.json: weights have no value for norm\._mean: a buffer is never seeded, and it is in no arrays; one is wanted$/,
  },
  {
    what: 'a parameter without a value',
    change: (draft) => draft.json.weights.shift(),
    error: /case\.json: weights have no value for conv\.weight: it is neither seeded nor in arrays; one is wanted$/,
  },
  {
    what: 'a weight of an unknown name',
    change: (draft) =>
      Object.assign(draft.json.weights[1]?.arrays ?? {}, { 'norm._means': { file: 'buffers.npz', key: 'norm._mean' } }),
    error:
      /case\.json: weights\[1\]\.arrays\["norm\._means"\] has norm\._means, which is not a parameter; .* Did you mean norm\._mean\?$/,
  },
  {
    what: 'a weight in another shape',
    change: (draft) => Object.assign(draft.json.parameters, { 'norm._mean': [3, 1] }),
    error:
      /buffers\.npz\[norm\._mean\] \(case\.json: weights\[1\]\.arrays\["norm\._mean"\]\): its shape is \[3\]; \[3, 1\] is wanted$/,
  },
  {
    what: 'a source of weights of two kinds',
    change: (draft) => Object.assign(draft.json.weights[0] ?? {}, { pdparams: 'x' }),
    error: /case\.json: weights\[0\] has 2 keys; at most one is wanted$/,
  },
  {
    what: 'another scheme of seeds',
    change: (draft) => Object.assign(draft.json.weights[0]?.seeded ?? {}, { scheme: 'normal/1' }),
    error: /case\.json: weights\[0\]\.seeded\.scheme is "normal\/1"; "uniform\/1" is wanted$/,
  },
  {
    what: 'pdparams in another shape',
    change: (draft) => {
      draft.files.set('w.pdparams', renderPdparams(new Map([['norm.bias', float32NdArray([2], new Float32Array(2))]])));
      draft.json.weights.push({ pdparams: 'w.pdparams' });
    },
    error: /case\.json: weights\[2\]\.pdparams has norm\.bias in shape \[2\]; \[3\] is wanted$/,
  },
  {
    what: 'a model without a type',
    change: (draft) => Object.assign(draft.json, { model: {} }),
    error: /case\.json: model\.type is missing; it is wanted$/,
  },
  {
    what: 'steps and losses of different counts',
    train: true,
    change: (draft) => draft.json.train?.expect.loss.push({ value: 1, noise: 0 }),
    error: /case\.json: train\.expect\.loss has 2 entries; one for each of the 1 steps is wanted$/,
  },
  {
    what: 'a gradient of a buffer',
    train: true,
    change: (draft) => Object.assign(draft.json.train?.expect.grads[0] ?? {}, { name: 'norm._mean' }),
    error: /case\.json: train\.expect\.grads\[0\]\.name is norm\._mean; a parameter that is not a buffer is wanted\.$/,
  },
  {
    what: 'a parameter after training in another shape',
    train: true,
    change: (draft) => Object.assign(draft.json.train?.expect.params[0] ?? {}, { shape: [9] }),
    error: /case\.json: train\.expect\.params\[0\]\.shape is \[9\]; \[3, 3, 1, 1\], that of conv\.weight, is wanted$/,
  },
  {
    what: 'labels of another size than the image',
    train: true,
    change: (draft) =>
      draft.files.set('label.npy', renderNpy({ dtype: 'i8', shape: [1, 2, 3], data: new BigInt64Array(6) })),
    error: /label\.npy \(case\.json: train\.steps\[0\]\.label\): its shape is \[1, 2, 3\]; \[1, 2, 2\] is wanted$/,
  },
  {
    what: 'nothing expected of training',
    train: true,
    change: (draft) => Object.assign(draft.json.train?.expect ?? {}, { grads: [], params: [], buffers: [] }),
    error: /case\.json: train\.expect has no probe in grads, params and buffers; at least one is wanted$/,
  },
];

for (const { what, change, spoil, train, error } of badInputs) {
  t.test(`${what}: one sentence with file and field`, async (t) => {
    const folder = join(t.testdir(), 'bundle');
    await writeTestBundle(folder, change, train ? 'train' : 'infer');
    await spoil?.(folder);
    const thrown = await readBundle(folder).then(
      () => null,
      (reason: unknown) => reason,
    );
    t.type(thrown, UserError);
    if (!(thrown instanceof UserError)) return;
    t.match(thrown.message, error);
    t.ok(thrown.message.startsWith(`Cannot read bundle ${folder}`), thrown.message);
    t.notMatch(thrown.message, /\n/);
  });
}

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

function probeOf(draft: BundleDraft, at: number) {
  const probe = draft.json.probes?.[at];
  if (probe === undefined) throw new Error(`the draft has no probe ${at}`);
  return probe;
}

function imageBytes(): Uint8Array {
  return renderNpy(float32NdArray([1, 3, 2, 2], new Float32Array(12)));
}

/** The image's file with another header of the same length. */
function withHeader(text: string): Uint8Array {
  const bytes = Buffer.from(imageBytes());
  bytes.write(text.padEnd(117), 10, 'latin1');
  return bytes;
}

function setProbeValue(draft: BundleDraft, at: number, value: number): void {
  const arrays = new Map<string, NdArray>();
  for (const [i, { name }] of (draft.json.probes ?? []).entries()) {
    const data = Float32Array.from({ length: 12 }, (_, element) => (i === at && element === 4 ? value : 1));
    arrays.set(name, float32NdArray([1, 3, 2, 2], data));
  }
  draft.files.set('probes.npz', renderNpz(arrays));
}

function setBuffers(draft: BundleDraft, variance: Float32Array): void {
  const mean = float32NdArray([3], new Float32Array(3));
  draft.files.set(
    'buffers.npz',
    renderNpz(
      new Map([
        ['norm._mean', mean],
        ['norm._variance', float32NdArray([3], variance)],
      ]),
    ),
  );
}

/** Writes a size for the first entry of probes.npz into the central directory, and into the local header too. */
function claimSize(draft: BundleDraft, size: number, local = false): void {
  const bytes = Buffer.from(draft.files.get('probes.npz') ?? []);
  bytes.writeUInt32LE(size, bytes.indexOf('PK\x01\x02', 0, 'latin1') + 24);
  if (local) bytes.writeUInt32LE(size, bytes.indexOf('PK\x03\x04', 0, 'latin1') + 22);
  draft.files.set('probes.npz', bytes);
}

async function replaceInCase(folder: string, from: string, to: string): Promise<void> {
  const path = join(folder, 'case.json');
  await writeFile(path, (await readFile(path, 'utf8')).replace(from, to));
}
