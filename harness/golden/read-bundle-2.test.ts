import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { float32NdArray } from '../contract/nd-array.js';
import { UserError } from '../support/errors.js';
import { packageRoot } from '../support/package-root.js';
import { addArray, useEveryKey, writeTestBundle2 } from './bundle-2-for-tests.js';
import type { CaseProbe } from './case-file.js';
import { readBundle } from './read-bundle.js';
import { samplePositions } from './seeded.js';
import { type BundleDraft, type Writable, writeTestBundle } from './test-bundle.js';

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

t.test('a probe has the golden and the noise of an earlier one, and a layout of its own', async (t) => {
  const folder = await writeTestBundle2(t.testdir(), ({ json }) => {
    json.probes!.splice(2, 0, { name: 'twin', shape: [1, 3, 2, 2], same_as: 'z', layout: 'raw', rms: rmsOfZ });
    Object.assign(json.probes![1]!, { informative: false, noise: { rel_rms: 3e-7, max_over_rms: 2e-6 } });
  });
  const [, z, twin] = (await readBundle(folder)).probes;
  t.equal(twin?.value, z?.value);
  t.strictSame({ ...twin, value: null, rms: null }, { ...z, name: 'twin', raw: true, value: null, rms: null });
  t.strictSame(twin?.noise, { relRms: 3e-7, maxOverRms: 2e-6 });
  t.equal(twin?.informative, false);
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
    Object.assign(logits!, { value, sample, rms: 3, valid: addMask(draft, [1, 1, 2, 1], [0, 1]) });
    draft.json.probes!.push({ name: 'twin', shape: [1, 3, 2, 2], same_as: 'logits' });
  });
  const [y, z, logits, twin] = (await readBundle(folder)).probes;
  t.strictSame(y?.valid, { kept: Uint8Array.of(1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0), leftOut: 6 });
  const even = y!.value.filter((_, at) => at % 2 === 0);
  t.ok(Math.abs(y!.rms - Math.sqrt(even.reduce((sum, x) => sum + x * x, 0) / 6)) < 1e-12);
  t.strictSame(z?.valid, { kept: Uint8Array.of(1, 1, 1, 1, 0, 1, 0, 1, 0, 0, 0, 0), leftOut: 6 });
  const lower = Array.from(samplePositions(9, 'logits', 5, 12), (at) => (at % 4 >= 2 ? 1 : 0));
  t.strictSame(logits?.valid, { kept: Uint8Array.from(lower), leftOut: 6 });
  t.strictSame(twin?.valid, logits?.valid);
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

const someNoise = { rel_rms: 1e-4, max_over_rms: 5e-4 };

/** Of z = 2·sin(i + 1) + 1. */
const rmsOfZ = 1.7477;

interface BadInput {
  readonly what: string;
  readonly change: (draft: BundleDraft) => void;
  readonly train?: true;
  readonly error: RegExp;
}

const badInputs: readonly BadInput[] = [
  {
    what: 'no input',
    change: (draft) => Object.assign(draft.json, { inputs: {} }),
    error: /case\.json: inputs has 0 keys; at least one is wanted$/,
  },
  {
    what: 'an input of a dtype that none has',
    change: (draft) =>
      Object.assign(draft.json, { inputs: { ids: addRaw(draft, 'ids', '|i1', [2], Int8Array.of(1, 2)) } }),
    error: /ids\.npy \(case\.json: inputs\.ids\): its dtype is '\|i1'; f2, f4, .* u4 or b1 is wanted$/,
  },
  {
    what: 'an input that is big-endian',
    change: (draft) =>
      Object.assign(draft.json, { inputs: { 'a/b': addRaw(draft, 'ids', '>u2', [2], Uint16Array.of(1, 2)) } }),
    error: /ids\.npy \(case\.json: inputs\["a\/b"\]\): its dtype '>u2' is big-endian; little-endian is wanted$/,
  },
  {
    what: 'an input of half precision that holds NaN',
    change: (draft) =>
      Object.assign(draft.json, { inputs: { half: addRaw(draft, 'half', '<f2', [2], Uint16Array.of(0, 0x7e00)) } }),
    error: /half\.npy \(case\.json: inputs\.half\): element 1 is NaN; finite numbers are wanted$/,
  },
  {
    what: 'an empty input',
    change: (draft) =>
      Object.assign(draft.json, {
        inputs: { x: addArray(draft, 'x', float32NdArray([0, 3], new Float32Array(0))) },
      }),
    error: /x\.npy \(case\.json: inputs\.x\): its shape is \[0, 3\]; no extent of zero is wanted$/,
  },
  {
    what: 'a probe of half precision',
    change: (draft) =>
      Object.assign(draft.json.probes![0]!, { value: addRaw(draft, 'y', '<f2', [1, 3, 2, 2], new Uint16Array(12)) }),
    error: /y\.npy \(case\.json: probes\[0\]\.value, probe y\): its dtype is f2; f4 is wanted$/,
  },
  {
    what: 'an output that is not a probe',
    change: (draft) => Object.assign(draft.json, { outputs: ['z', 'logit'] }),
    error:
      /case\.json: outputs\[1\] is logit, which is not a probe; the name of a probe is wanted\. Did you mean logits\?$/,
  },
  {
    what: 'an output that is there twice',
    change: (draft) => Object.assign(draft.json, { outputs: ['z', 'logits', 'z'] }),
    error: /case\.json: outputs\[2\] is z, as is outputs\[0\]; each name once is wanted$/,
  },
  {
    what: 'no outputs',
    change: (draft) => Object.assign(draft.json, { outputs: [] }),
    error: /case\.json: outputs is empty; at least one is wanted$/,
  },
  {
    what: 'outputs of a training',
    train: true,
    change: (draft) => Object.assign(draft.json, { outputs: ['logits'] }),
    error: /case\.json: outputs does not belong to a bundle of phase "train"; a key of that phase is wanted$/,
  },
  {
    what: 'the golden of a probe that is not there',
    change: addTwin({ same_as: 'zz' }),
    error: /case\.json: probes\[2\]\.same_as is zz, which is not a probe; an earlier probe is wanted\.$/,
  },
  {
    what: 'the golden of a later probe',
    change: addTwin({ same_as: 'logits' }),
    error: /case\.json: probes\[2\]\.same_as is logits, which does not come before it; an earlier probe is wanted$/,
  },
  {
    what: 'the golden of the probe itself',
    change: addTwin({ same_as: 'twin' }),
    error: /case\.json: probes\[2\]\.same_as is twin, which does not come before it; an earlier probe is wanted$/,
  },
  {
    what: 'a chain of goldens',
    change: (draft) => {
      addTwin({ same_as: 'y' })(draft);
      draft.json.probes!.push({ name: 'third', shape: [1, 3, 2, 2], same_as: 'twin' });
    },
    error: /case\.json: probes\[4\]\.same_as is twin, which is the same as y itself; y is wanted$/,
  },
  {
    what: 'the golden of a probe of another shape',
    change: addTwin({ same_as: 'y', shape: [12] }),
    error: /case\.json: probes\[2\]\.shape is \[12\]; \[1, 3, 2, 2\], that of y, is wanted$/,
  },
  {
    what: 'a sample of a complete golden',
    change: addTwin({ same_as: 'y', sample: { seed: 1, count: 2 }, rms: 1 }),
    error: /case\.json: probes\[2\]\.sample is not that of y; the same, or none, is wanted$/,
  },
  {
    what: 'a golden beside that of another',
    change: addTwin({ same_as: 'y', value: { file: 'probes.npz', key: 'y' } }),
    error: /case\.json: probes\[2\]\.value stands beside same_as; one of them is wanted$/,
  },
  {
    what: 'noise beside that of another',
    change: addTwin({ same_as: 'y', own_noise: { rel_rms: 1, max_over_rms: 1 } }),
    error: /case\.json: probes\[2\]\.own_noise stands beside same_as; one of them is wanted$/,
  },
  {
    what: 'an rms that is not that of the golden that is shared',
    change: addTwin({ same_as: 'y', rms: 100 }),
    error: /case\.json: probes\[2\]\.rms is 100; 1\.\d+, the rms of the value itself, is wanted$/,
  },
  {
    what: 'another rms for the same sample, which would widen its limits',
    change: (draft) => {
      const [y] = draft.json.probes!;
      const value = addArray(draft, 'y', float32NdArray([2], Float32Array.of(1, 2)));
      Object.assign(y!, { value, sample: { seed: 1, count: 2 }, rms: 1.5 });
      addTwin({ same_as: 'y', rms: 4 })(draft);
    },
    error: /case\.json: probes\[2\]\.rms is 4; 1\.5, the rms of the value itself, is wanted$/,
  },
  {
    what: 'seeded parameters that no memory holds',
    change: ({ json }) => {
      Object.assign(json.parameters, { 'conv.weight': [2147483647, 2147483647] });
    },
    error: /case\.json, weights\[0\]: the parameters have \d+(e\+\d+)? elements; at most \d+ elements are wanted/,
  },
  {
    what: 'a probe with no golden',
    change: addTwin({}),
    error: /case\.json: probes\[2\]\.value is missing; it is wanted$/,
  },
  {
    what: 'a mask that leaves out everything',
    change: maskFirst([2, 2], [0, 0, 0, 0]),
    error: /case\.json: probes\[0\]\.valid, probe y leaves out every element; one that counts is wanted$/,
  },
  {
    what: 'a mask that does not broadcast',
    change: maskFirst([3], [1, 1, 1]),
    error: /mask\d*\.npy .*probe y\): its shape is \[3\]; a shape that broadcasts to \[1, 3, 2, 2\] is wanted$/,
  },
  {
    what: 'a mask of more axes',
    change: maskFirst([1, 1, 1, 2, 2], [1, 1, 1, 1]),
    error: /its shape is \[1, 1, 1, 2, 2\]; a shape that broadcasts to \[1, 3, 2, 2\] is wanted$/,
  },
  {
    what: 'an empty mask',
    change: maskFirst([0], []),
    error: /its shape is \[0\]; a shape that broadcasts to \[1, 3, 2, 2\] is wanted$/,
  },
  {
    what: 'a mask of other numbers',
    change: maskFirst([2], [1, 2], 'u1'),
    error: /case\.json: probes\[0\]\.valid, probe y holds 2; 0 or 1 is wanted$/,
  },
  {
    what: 'a mask of floats',
    change: (draft) =>
      Object.assign(draft.json.probes![0]!, {
        valid: addArray(draft, 'mask', float32NdArray([2], Float32Array.of(1, 0))),
      }),
    error: /mask\d*\.npy .*: its dtype is f4; u1 or b1 is wanted$/,
  },
  {
    what: 'an rms of more than what counts',
    change: (draft) => {
      maskFirst([1, 1, 1, 2], [0, 1])(draft);
      draft.json.probes![0]!.rms = 1.4096;
    },
    error: /case\.json: probes\[0\]\.rms is 1\.4096; 1\.\d+, the rms of the value itself, is wanted$/,
  },
  {
    what: 'noise in an unknown precision',
    change: ({ json }) => Object.assign(json.probes![0]!, { noise_at: { fp8: { noise: someNoise } } }),
    error: /case\.json: probes\[0\]\.noise_at\.fp8 is an unknown key; one of fp16, bf16, tf32 is wanted/,
  },
  {
    what: 'own noise in a precision, without noise',
    change: ({ json }) => Object.assign(json.probes![0]!, { noise_at: { fp16: { own_noise: someNoise } } }),
    error: /case\.json: probes\[0\]\.noise_at\.fp16\.noise is missing; it is wanted$/,
  },
  {
    what: 'negative noise in a precision',
    change: ({ json }) =>
      Object.assign(json.probes![0]!, { noise_at: { bf16: { noise: { ...someNoise, max_over_rms: -1 } } } }),
    error: /case\.json: probes\[0\]\.noise_at\.bf16\.noise\.max_over_rms is -1; at least 0 is wanted$/,
  },
  {
    what: 'noise in no precision',
    change: ({ json }) => Object.assign(json.probes![0]!, { noise_at: {} }),
    error: /case\.json: probes\[0\]\.noise_at has 0 keys; at least one is wanted$/,
  },
  {
    what: 'noise of a loss that is negative',
    train: true,
    change: setLossNoise({ tf32: -1 }),
    error: /case\.json: train\.expect\.loss\[0\]\.noise_at\.tf32 is -1; at least 0 is wanted$/,
  },
  {
    what: 'another layout',
    change: (draft) => Object.assign(draft.json.probes![0]!, { layout: 'NHWC' }),
    error: /case\.json: probes\[0\]\.layout is "NHWC"; "raw" is wanted$/,
  },
  ...(['y#0', 'y#01', 'y#', 'y#1#2', 'y[0]', 'y[1]#2', 'y[1][2]', 'y[a]', '#1', '[1]', 'y]'] as const).map((name) => ({
    what: `a probe called ${name}`,
    change: renameProbes(name),
    error: / is .*; NAME, NAME#2, NAME\[1\] or NAME#2\[1\], with numbers from 1, is wanted$/,
  })),
  {
    what: 'a second call without the first',
    change: renameProbes('y#2'),
    error: /case\.json: probes\[0\]\.name is y#2, and no probe is y#1; calls counted from 1 without gaps are wanted$/,
  },
  {
    what: 'a call left out',
    change: renameProbes('y#1', 'y#3'),
    error: /case\.json: probes\[1\]\.name is y#3, and no probe is y#2; calls counted from 1 without gaps are wanted$/,
  },
  {
    what: 'a call with a number beside one without',
    change: renameProbes('y', 'y#1'),
    error: /case\.json: probes\[1\]\.name is y#1, and another is y; y alone, or numbers for all its calls are wanted$/,
  },
  {
    what: 'a further tensor without the first',
    change: renameProbes('y[1]'),
    error:
      /case\.json: probes\[0\]\.name is y\[1\], and no probe is y; the first tensor is wanted beside further ones$/,
  },
  {
    what: 'a further tensor of a call without the first',
    change: renameProbes('y#1', 'y#2[1]'),
    error:
      /case\.json: probes\[1\]\.name is y#2\[1\], and no probe is y#2; the first tensor is wanted beside further ones$/,
  },
  {
    what: 'a call twice',
    change: renameProbes('y#1', 'y#1'),
    error: /case\.json: probes\[1\]\.name is y#1, as is probes\[0\]\.name; each name once is wanted$/,
  },
];

for (const { what, change, train, error } of badInputs) {
  t.test(`${what}: one sentence with file and field`, async (t) => {
    const folder = join(t.testdir(), 'bundle');
    await writeTestBundle2(folder, change, train ? 'train' : 'infer');
    await t.rejects(readBundle(folder), { name: 'UserError', message: error });
    await readBundle(folder).catch((thrown: unknown) => {
      t.ok(thrown instanceof UserError && thrown.message.startsWith(`Cannot read bundle ${folder}`), String(thrown));
      t.notMatch(String(thrown), /\n/);
    });
  });
}

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

function addMask(draft: BundleDraft, shape: number[], elements: number[], dtype: 'b1' | 'u1' = 'b1') {
  return addArray(draft, `mask${draft.files.size}`, { dtype, shape, data: Uint8Array.from(elements) });
}

function maskFirst(shape: number[], elements: number[], dtype?: 'u1'): (draft: BundleDraft) => void {
  return (draft) => Object.assign(draft.json.probes![0]!, { valid: addMask(draft, shape, elements, dtype) });
}

function setLossNoise(noiseAt: object): (draft: BundleDraft) => void {
  return ({ json }) => Object.assign(json.train!.expect.loss[0]!, { noise_at: noiseAt });
}

/** Adds a third probe. */
function addTwin(keys: Partial<CaseProbe>): (draft: BundleDraft) => void {
  return ({ json }) => {
    json.probes!.splice(2, 0, { name: 'twin', shape: [1, 3, 2, 2], ...keys } as Writable<CaseProbe>);
  };
}

/** Gives the first probes other names. The outputs are logits. */
function renameProbes(...names: readonly string[]): (draft: BundleDraft) => void {
  return ({ json }) => {
    if (json.format === 'golden-bundle/2') json.outputs = ['logits'];
    for (const [at, name] of names.entries()) json.probes![at]!.name = name;
  };
}

/** An array of a dtype that `renderNpy` does not write. */
function addRaw(
  { files }: BundleDraft,
  name: string,
  descr: string,
  shape: readonly number[],
  { buffer }: { readonly buffer: ArrayBufferLike },
): { file: string } {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${tuple}, }`.padEnd(117);
  const head = Buffer.from(`\x93NUMPY\x01\0\x76\0${text}\n`, 'latin1');
  files.set(`${name}.npy`, Buffer.concat([head, Buffer.from(buffer)]));
  return { file: `${name}.npy` };
}
