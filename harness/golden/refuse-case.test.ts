import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { float32NdArray } from '../contract/nd-array.js';
import { probeOf, testRefusals } from './bad-bundles-for-tests.js';
import { renderNpy } from './npy.js';
import { renderPdparams } from './render-pdparams.js';
import { writeTestBundle } from './test-bundle.js';

/** What is wrong with case.json itself, and where arrays contradict it. */
testRefusals(writeTestBundle, [
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
]);

async function replaceInCase(folder: string, from: string, to: string): Promise<void> {
  const path = join(folder, 'case.json');
  await writeFile(path, (await readFile(path, 'utf8')).replace(from, to));
}
