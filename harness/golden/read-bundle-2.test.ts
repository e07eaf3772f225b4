import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { float32NdArray } from '../contract/nd-array.js';
import { packageRoot } from '../support/package-root.js';
import {
  addArray,
  addMask,
  addRaw,
  addTwin,
  maskFirst,
  renameProbes,
  setLossNoise,
  someNoise,
  useEveryKey,
  writeTestBundle2,
} from './bundle-2-for-tests.js';
import { readBundle } from './read-bundle.js';
import { samplePositions } from './seeded.js';
import { type BundleDraft, writeTestBundle } from './test-bundle.js';

t.test('inputs have any names, any rank and the narrower dtypes, each with what its file holds', async (t) => {
  const folder = await writeTestBundle2(t.testdir(), (draft) => {
    draft.json.inputs = {
      ids: addArray(draft, 'ids', { dtype: 'i8', shape: [2, 3], data: BigInt64Array.of(1n, 2n, 3n, 4n, 5n, 6n) }),
      scale: addArray(draft, 'scale', { dtype: 'f8', shape: [], data: Float64Array.of(0.5) }),
      half: addRaw(draft, 'half', '<f2', [2], Uint16Array.of(0x3c00, 0xc000)),
      short: addRaw(draft, 'short', '<i2', [1, 2], Int16Array.of(-3, 4)),
      word: addRaw(draft, 'word', '<u2', [2], Uint16Array.of(65535, 1)),
      count: addRaw(draft, 'count', '<u4', [1], Uint32Array.of(4294967295)),
    };
  });
  const { inputs, outputs } = await readBundle(folder);
  t.strictSame([...inputs.keys()], ['ids', 'scale', 'half', 'short', 'word', 'count']);
  t.match(inputs.get('ids'), { dtype: 'i8', shape: [2, 3] });
  t.notOk('stored' in inputs.get('ids')!);
  t.strictSame(inputs.get('scale'), { dtype: 'f8', shape: [], data: Float64Array.of(0.5) });
  t.strictSame(inputs.get('half'), { dtype: 'f4', shape: [2], data: Float32Array.of(1, -2), stored: 'f2' });
  t.strictSame(inputs.get('short'), { dtype: 'i4', shape: [1, 2], data: Int32Array.of(-3, 4), stored: 'i2' });
  t.strictSame(inputs.get('word'), { dtype: 'i4', shape: [2], data: Int32Array.of(65535, 1), stored: 'u2' });
  t.strictSame(inputs.get('count'), { dtype: 'i8', shape: [1], data: BigInt64Array.of(4294967295n), stored: 'u4' });
  t.strictSame(outputs, ['z', 'logits']);
});

t.test('outputs that are not said are logits, in both formats, and of a training there are none', async (t) => {
  const folder = t.testdir();
  const second = await writeTestBundle2(join(folder, '2'), (draft) => Reflect.deleteProperty(draft.json, 'outputs'));
  t.strictSame((await readBundle(second)).outputs, ['logits']);
  t.strictSame((await readBundle(await writeTestBundle(join(folder, '1')))).outputs, ['logits']);
  t.strictSame((await readBundle(await writeTestBundle2(join(folder, 'train'), undefined, 'train'))).outputs, []);
});

t.test('calls and tensors have numbers, and a raw probe has any shape', async (t) => {
  const names = ['y#1', 'y#1[2]', 'y#2', 'block[1]', 'block', 'logits'];
  const folder = await writeTestBundle2(t.testdir(), (draft) => {
    draft.json.outputs = ['logits', 'y#1[2]'];
    draft.json.probes = names.map((name) => ({ ...draft.json.probes![0]!, name }));
    const value = addArray(draft, 'tokens', float32NdArray([2, 3, 2], new Float32Array(12).fill(1)));
    Object.assign(draft.json.probes[4]!, { value, shape: [2, 3, 2], layout: 'raw' });
  });
  const { probes, outputs } = await readBundle(folder);
  t.strictSame(
    probes.map(({ name }) => name),
    names,
  );
  t.strictSame(outputs, ['logits', 'y#1[2]']);
  t.strictSame(
    probes.map(({ raw }) => raw),
    [false, false, false, false, true, false],
  );
  t.strictSame(probes[4]?.shape, [2, 3, 2]);
});

t.test('a probe has the golden and the noise of an earlier one, and all else of its own', async (t) => {
  const folder = await writeTestBundle2(t.testdir(), (draft) => {
    addTwin({ same_as: 'z', layout: 'raw', rms: rmsOfZ })(draft);
    const valid = addMask(draft, [2], [1, 0]);
    Object.assign(draft.json.probes![1]!, { informative: false, noise: { rel_rms: 3e-7, max_over_rms: 2e-6 }, valid });
  });
  const [, z, twin] = (await readBundle(folder)).probes;
  t.equal(twin?.value, z?.value);
  t.match(z, { informative: false, raw: false });
  const own = { name: 'twin', raw: true, informative: true, valid: null, rms: null };
  t.strictSame({ ...twin, rms: null }, { ...z, ...own });
  t.strictSame(twin?.noise, { relRms: 3e-7, maxOverRms: 2e-6 });
  t.ok(Math.abs(twin!.rms - rmsOfZ) < 1e-3, 'the rms is of all elements');
});

t.test('a probe with the golden of a sampled one has its positions', async (t) => {
  const folder = await writeTestBundle2(t.testdir(), (draft) => {
    const value = addArray(draft, 'y', float32NdArray([5], Float32Array.of(1, 2, 3, 4, 5)));
    Object.assign(draft.json.probes![0]!, { value, shape: [1, 3, 20, 20], sample: { seed: 9, count: 5 }, rms: 3.5 });
    draft.json.probes!.push({ name: 'twin', shape: [1, 3, 20, 20], same_as: 'y' });
  });
  const twin = (await readBundle(folder)).probes.at(-1);
  t.match(twin, { rms: 3.5, sample: { seed: 9, count: 5, drawnFor: 'y' } });
});

t.test('a mask broadcasts, and the rms is of what counts', async (t) => {
  const folder = await writeTestBundle2(t.testdir(), (draft) => {
    const [y, z, logits] = draft.json.probes!;
    Object.assign(y!, { valid: addMask(draft, [2], [1, 0]) });
    Object.assign(z!, { valid: addMask(draft, [3, 1, 2], [1, 1, 0, 1, 0, 0], 'u1') });
    const value = addArray(draft, 'logits', float32NdArray([5], Float32Array.of(1, 2, 3, 4, 5)));
    const sample = { seed: 9, count: 5 };
    const valid = addMask(draft, [1, 1, 2, 1], [0, 1]);
    Object.assign(logits!, { value, sample, rms: 3, valid });
    draft.json.probes!.push({ name: 'twin', shape: [1, 3, 2, 2], same_as: 'logits', valid });
    draft.json.probes!.push({ name: 'other', shape: [1, 3, 2, 2], same_as: 'logits', rms: 4 });
  });
  const [y, z, logits, twin, other] = (await readBundle(folder)).probes;
  t.strictSame(y?.valid?.kept, Uint8Array.of(1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0));
  const even = y!.value.filter((_, at) => at % 2 === 0);
  t.ok(Math.abs(y!.rms - Math.sqrt(even.reduce((sum, x) => sum + x * x, 0) / 6)) < 1e-12);
  t.strictSame(z?.valid?.kept, Uint8Array.of(1, 1, 1, 1, 0, 1, 0, 1, 0, 0, 0, 0));
  const lower = Array.from(samplePositions(9, 'logits', 5, 12), (at) => (at % 4 >= 2 ? 1 : 0));
  t.strictSame(logits?.valid?.kept, Uint8Array.from(lower));
  t.match(logits?.valid?.mask, { shape: [1, 1, 2, 1], data: Uint8Array.of(0, 1) });
  t.strictSame(twin?.valid, logits?.valid);
  t.strictSame([twin?.rms, other?.valid, other?.rms], [3, null, 4]);
});

t.test('an array that is named again is unpacked once', async (t) => {
  const folder = await writeTestBundle2(t.testdir(), ({ json }) => {
    json.probes!.push({ ...json.probes![0]!, name: 'again', value: { file: './probes.npz', key: 'y' } });
  });
  const { probes } = await readBundle(folder);
  t.equal(probes.at(-1)?.value, probes[0]?.value);
});

t.test('noise in other precisions is kept, and a golden that is shared has it, too', async (t) => {
  const { probes, outputs } = await readBundle(await writeTestBundle2(t.testdir(), useEveryKey));
  const noise = { relRms: 1e-4, maxOverRms: 5e-4 };
  const kept = new Map([
    ['fp16', { noise, ownNoise: noise }],
    ['tf32', { noise, ownNoise: null }],
  ]);
  t.strictSame(
    probes.map(({ name, noiseAt }) => [name, noiseAt]),
    [
      ['y#1', kept],
      ['y#2', kept],
      ['z', new Map()],
      ['logits', new Map()],
      ['logits[1]', new Map()],
    ],
  );
  t.strictSame(outputs, ['logits', 'logits[1]']);
});

t.test('noise of a loss in other precisions is kept', async (t) => {
  const { train } = await readBundle(await writeTestBundle2(t.testdir(), setLossNoise({ fp16: 1e-3 }), 'train'));
  t.strictSame(train?.expect.loss, [{ value: 1.25, noise: 1e-7, noiseAt: new Map([['fp16', 1e-3]]) }]);
});

t.test('own noise may be larger than the noise, and is read as it stands', async (t) => {
  const own = { rel_rms: 1e-6, max_over_rms: 1e-5 };
  const folder = await writeTestBundle2(t.testdir(), ({ json }) => Object.assign(json.probes![1]!, { own_noise: own }));
  t.strictSame((await readBundle(folder)).probes[1]?.ownNoise, { relRms: 1e-6, maxOverRms: 1e-5 });
});

t.test('what the schemas of both formats share is the same', async (t) => {
  const [first, second] = ['case.schema.json', 'case-2.schema.json'].map(
    (name) => JSON.parse(readFileSync(join(packageRoot, 'harness', 'golden', name), 'utf8')).$defs,
  );
  for (const name of ['shape', 'seed', 'draws', 'noise']) t.strictSame(second[name], first[name], name);
  t.strictSame(second.array.properties, first.array.properties);
});

/** Of z = 2·sin(i + 1) + 1. */
const rmsOfZ = 1.7477;

/** What is allowed in format 2 alone, and where it stands. */
const secondOnly: readonly (readonly [what: string, change: (draft: BundleDraft) => void, error: RegExp])[] = [
  [
    'outputs',
    (draft) => Object.assign(draft.json, { outputs: ['logits'] }),
    /case\.json: outputs is an unknown key; one of format, .* is wanted/,
  ],
  [
    'another input',
    (draft) => Object.assign(draft.json.inputs!, { ids: { file: 'image.npy' } }),
    /case\.json: inputs\.ids is an unknown key; one of image is wanted\.$/,
  ],
  [
    'an image of half precision',
    (draft) => addRaw(draft, 'image', '<f2', [1, 3, 2, 2], new Uint16Array(12)),
    /image\.npy \(case\.json: inputs\.image\): its dtype is f2; f4 is wanted$/,
  ],
  ['mask', maskFirst([2], [1, 0]), /case\.json: probes\[0\]\.valid is an unknown key; one of name, .* is wanted/],
  [
    'noise of another precision',
    ({ json }) => Object.assign(json.probes![0]!, { noise_at: { fp16: { noise: someNoise } } }),
    /case\.json: probes\[0\]\.noise_at is an unknown key; one of name, .* is wanted/,
  ],
  [
    'golden of another probe',
    addTwin({ same_as: 'y' }),
    /case\.json: probes\[2\]\.(same_as is an unknown key|value is missing)/,
  ],
  [
    'layout',
    (draft) => Object.assign(draft.json.probes![0]!, { layout: 'raw' }),
    /case\.json: probes\[0\]\.layout is an unknown key; one of name, .* is wanted/,
  ],
];

t.test('in format 1 the name of a probe may be any text', async (t) => {
  for (const name of ['y#2', 'y[1]', 'y#3[2]', '[', '#'])
    t.equal((await readBundle(await writeTestBundle(t.testdir(), renameProbes(name)))).probes[0]?.name, name);
});

for (const [what, change, error] of secondOnly) {
  t.test(`format 1 has no ${what}`, async (t) => {
    await t.rejects(readBundle(await writeTestBundle(t.testdir(), change)), { name: 'UserError', message: error });
  });
}
