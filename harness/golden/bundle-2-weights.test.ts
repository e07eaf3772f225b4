import t from 'tap';
import { float32NdArray, type NdArray } from '../contract/nd-array.js';
import { addArray, writeTestBundle2 } from './bundle-2-for-tests.js';
import { readBundle } from './read-bundle.js';
import { renderPdparams } from './render-pdparams.js';
import { renderSafetensors } from './safetensors.js';
import { uniform } from './seeded.js';
import { type BundleDraft, writeTestBundle } from './test-bundle.js';
import { resolveWeights } from './weights.js';

const ranges = { 'conv.weight': [-2, 0.5], 'norm.weight': [1, 1], 'norm.bias': [-0.1, 0.3] } as const;

/** Seeded by uniform/2 in place of uniform/1. */
function seedRanges(changes: Record<string, unknown> = {}): (draft: BundleDraft) => void {
  return ({ json }) => {
    json.weights[0] = { seeded: { scheme: 'uniform/2', seed: 7, ranges: { ...ranges, ...changes } } } as never;
  };
}

t.test('uniform/2 has the formula of uniform/1 in stated ranges, and arrays override it', async (t) => {
  const weights = resolveWeights(await readBundle(await writeTestBundle2(t.testdir(), seedRanges())));
  for (const [name, [low, high]] of Object.entries(ranges)) {
    const { data } = weights.get(name)!;
    const wanted = Array.from(uniform(7, name, data.length), (u) => Math.fround(low + (high - low) * u));
    t.strictSame([...data], wanted, name);
  }
  t.strictSame([...weights.get('norm._mean')!.data], [0, 0.5, -0.5]);
});

t.test('a buffer may have a range, too, and uniform/1 goes with uniform/2', async (t) => {
  const folder = await writeTestBundle2(t.testdir(), ({ json }) => {
    const seeded = {
      scheme: 'uniform/2',
      seed: 7,
      ranges: { 'norm._mean': [0, 1], 'norm._variance': [1, 2] },
    } as const;
    json.weights[1] = { seeded: structuredClone(seeded) as never };
  });
  const weights = resolveWeights(await readBundle(folder));
  t.ok(weights.get('norm._variance')!.data.every((value) => value >= 1 && value < 2));
  t.equal(weights.get('conv.weight')?.data.length, 9);
});

t.test('two parameters of one reference have an array each, which a port may change', async (t) => {
  const folder = await writeTestBundle2(t.testdir(), (draft) => {
    const shared = addArray(draft, 'shared', float32NdArray([3], Float32Array.of(1, 2, 3)));
    draft.json.weights.push({ arrays: { 'norm.weight': shared, 'norm.bias': shared } });
  });
  const weights = resolveWeights(await readBundle(folder));
  weights.get('norm.weight')!.data[0] = 7;
  t.strictSame([...weights.get('norm.weight')!.data], [7, 2, 3]);
  t.strictSame([...weights.get('norm.bias')!.data], [1, 2, 3]);
});

t.test('weights of torch stand in a safetensors file, integer buffers with them', async (t) => {
  const folder = await writeTestBundle2(t.testdir(), (draft) => {
    Object.assign(draft.json, {
      ...{ reference: 'torch', model: { type: 'torch:segment.models.Tiny' } },
      parameters: { 'norm.weight': [3], 'norm.running_var': [3], 'norm.num_batches_tracked': [] },
      weights: [{ safetensors: 'w.safetensors' }],
    });
    draft.files.set('w.safetensors', renderSafetensors(torchWeights()));
  });
  const bundle = await readBundle(folder);
  t.equal(bundle.reference, 'torch');
  t.strictSame(bundle.model, { type: 'torch:segment.models.Tiny' });
  const weights = resolveWeights(bundle);
  t.strictSame([...weights.get('norm.running_var')!.data], [1, 2, 3]);
  t.strictSame(weights.get('norm.num_batches_tracked'), {
    ...{ dtype: 'f4', shape: [], data: Float32Array.of(40) },
    stored: 'i8',
  });
});

t.test('a file of weights that is named again is unpacked once', async (t) => {
  const folder = await writeTestBundle2(t.testdir(), (draft) => {
    draft.files.set(
      'w.safetensors',
      renderSafetensors(new Map([['norm.bias', float32NdArray([3], new Float32Array(3))]])),
    );
    draft.json.weights.push({ safetensors: 'w.safetensors' }, { safetensors: './w.safetensors' });
  });
  const [once, again] = (await readBundle(folder)).weights.slice(-2).map((one) => one.kind === 'arrays' && one.arrays);
  t.ok(once && once === again);
});

t.test('a reference that is not said is Paddle, in both formats', async (t) => {
  t.equal((await readBundle(await writeTestBundle(t.testdir()))).reference, 'paddle');
  t.equal((await readBundle(await writeTestBundle2(t.testdir()))).reference, 'paddle');
});

t.test('the file of an ONNX model is one of the bundle', async (t) => {
  const folder = await writeTestBundle2(t.testdir(), (draft) => {
    Object.assign(draft.json, { model: { type: 'onnx', file: 'model.onnx', opset: 17 } });
    draft.files.set('model.onnx', Uint8Array.of(1, 2, 3));
  });
  t.strictSame((await readBundle(folder)).model, { type: 'onnx', file: 'model.onnx', opset: 17 });
});

const bad: readonly (readonly [what: string, change: (draft: BundleDraft) => void, error: RegExp])[] = [
  [
    'a parameter without a range',
    ({ json }) => {
      const { 'norm.bias': _, ...rest } = structuredClone(ranges);
      json.weights[0] = { seeded: { scheme: 'uniform/2', seed: 7, ranges: rest } } as never;
    },
    /weights have no value for norm\.bias: it has no range in uniform\/2 and is in no arrays; one is wanted$/,
  ],
  [
    'a buffer without a range',
    (draft) => {
      seedRanges()(draft);
      draft.json.weights.pop();
    },
    /weights have no value for norm\._mean: it has no range in uniform\/2 and is in no arrays; one is wanted$/,
  ],
  [
    'a range of what is not a parameter',
    seedRanges({ 'norm.bia': [0, 1] }),
    /weights\[0\]\.seeded\.ranges\["norm\.bia"\] has norm\.bia, which is not a parameter; .* Did you mean norm\.bias\?$/,
  ],
  [
    'a range that is upside down',
    seedRanges({ 'norm.bias': [1, -1] }),
    /weights\[0\]\.seeded\.ranges\["norm\.bias"\] is \[1, -1\]; lo of at most hi is wanted$/,
  ],
  [
    'a range of one number',
    seedRanges({ 'norm.bias': [1] }),
    /weights\[0\]\.seeded\.ranges\["norm\.bias"\] is \[1\]; 2 entries are wanted$/,
  ],
  [
    'a range of three numbers',
    seedRanges({ 'norm.bias': [1, 2, 3] }),
    /weights\[0\]\.seeded\.ranges\["norm\.bias"\] is \[1,2,3\]; 2 entries are wanted$/,
  ],
  [
    'a range beyond float32',
    seedRanges({ 'norm.bias': [0, 1e39] }),
    /weights\[0\]\.seeded\.ranges\["norm\.bias"\]\[1\] is 1e\+39; at most 3\.4\d+e\+38 is wanted$/,
  ],
  [
    'uniform/2 without ranges',
    ({ json }) => {
      json.weights[0]!.seeded!.scheme = 'uniform/2';
    },
    /weights\[0\]\.seeded\.ranges is missing; it is wanted$/,
  ],
  [
    'uniform/1 with ranges',
    ({ json }) => Object.assign(json.weights[0]!.seeded!, { ranges: {} }),
    /weights\[0\]\.seeded\.ranges does not belong to uniform\/1; uniform\/2 is wanted$/,
  ],
  [
    'another scheme',
    ({ json }) => Object.assign(json.weights[0]!.seeded!, { scheme: 'uniform/3' }),
    /weights\[0\]\.seeded\.scheme is "uniform\/3"; one of "uniform\/1", "uniform\/2" is wanted$/,
  ],
  [
    'torch with uniform/1',
    ({ json }) => Object.assign(json, { reference: 'torch' }),
    /weights\[0\] is seeded by uniform\/1, and reference is torch; arrays, safetensors or uniform\/2 is wanted$/,
  ],
  [
    'onnx with a pdparams file',
    (draft) => {
      Object.assign(draft.json, { reference: 'onnx', weights: [{ pdparams: 'w.pdparams' }] });
      draft.files.set('w.pdparams', renderPdparams(torchWeights()));
    },
    /weights\[0\] is of a pdparams file, and reference is onnx; arrays, safetensors or uniform\/2 is wanted$/,
  ],
  [
    'another reference',
    ({ json }) => Object.assign(json, { reference: 'jax' }),
    /case\.json: reference is "jax"; one of "paddle", "torch", "onnx" is wanted$/,
  ],
  [
    'an integer weight of Paddle',
    (draft) => {
      draft.json.weights.push({ safetensors: 'w.safetensors' });
      const bias: NdArray = { dtype: 'i4', shape: [3], data: Int32Array.of(1, 2, 3) };
      draft.files.set('w.safetensors', renderSafetensors(new Map([['norm.bias', bias]])));
    },
    /w\.safetensors \(case\.json: weights\[2\]\.safetensors\): norm\.bias has dtype i4; f4 or f8 is wanted$/,
  ],
  [
    'safetensors in another shape',
    (draft) => {
      draft.json.weights.push({ safetensors: 'w.safetensors' });
      const bias = float32NdArray([2], Float32Array.of(1, 2));
      draft.files.set('w.safetensors', renderSafetensors(new Map([['norm.bias', bias]])));
    },
    /case\.json: weights\[2\]\.safetensors has norm\.bias in shape \[2\]; \[3\] is wanted$/,
  ],
  [
    'safetensors that are cut',
    (draft) => {
      draft.json.weights.push({ safetensors: 'w.safetensors' });
      draft.files.set('w.safetensors', renderSafetensors(torchWeights()).subarray(0, 40));
    },
    /w\.safetensors \(case\.json: weights\[2\]\.safetensors\): its header claims \d+ bytes of 32; .* is wanted$/,
  ],
  [
    'a model of torch without a module',
    ({ json }) => Object.assign(json, { model: { type: 'torch:Tiny' } }),
    /case\.json: model\.type is "torch:Tiny"; torch:MODULE\.CLASS is wanted$/,
  ],
  [
    'a model of ONNX without a file',
    ({ json }) => Object.assign(json, { model: { type: 'onnx' } }),
    /case\.json: model\.type is onnx without a file; model\.file is wanted$/,
  ],
  [
    'a model file outside the folder',
    ({ json }) => Object.assign(json, { model: { type: 'onnx', file: '../model.onnx' } }),
    /case\.json: model\.file refers to "\.\.\/model\.onnx", which leaves the folder; .* is wanted$/,
  ],
  [
    'a model file without a hash',
    ({ json }) => Object.assign(json, { model: { type: 'onnx', file: 'model.onnx' } }),
    /case\.json: model\.file refers to model\.onnx, which sha256 does not list; a listed file is wanted$/,
  ],
];

for (const [what, change, error] of bad) {
  t.test(`${what}: one sentence with file and field`, async (t) => {
    await t.rejects(readBundle(await writeTestBundle2(t.testdir(), change)), { name: 'UserError', message: error });
  });
}

for (const [what, change] of [
  ['reference', ({ json }: BundleDraft) => Object.assign(json, { reference: 'paddle' })],
  ['safetensors', ({ json }: BundleDraft) => json.weights.push({ safetensors: 'w.safetensors' })],
  ['ranges', ({ json }: BundleDraft) => Object.assign(json.weights[0]!.seeded!, { ranges: {} })],
] as const) {
  t.test(`format 1 has no ${what}`, async (t) => {
    const folder = await writeTestBundle(t.testdir(), (draft) => void change(draft));
    await t.rejects(readBundle(folder), { message: new RegExp(`${what} is an unknown key`) });
  });
}

t.test(
  'buffers of torch have any name, those of a norm are not parameters, and integers are not compared',
  async (t) => {
    const train = (probe: string, section: 'grads' | 'buffers') =>
      readTraining(t.testdir(), (draft) => {
        const { expect } = draft.json.train!;
        const parameters = {
          'norm.weight': [3],
          'norm.running_mean': [3],
          'norm.num_batches_tracked': [3],
          table: [3],
        };
        const value = addArray(draft, 'value', float32NdArray([3], Float32Array.of(1, 2, 3)));
        const noise = { rel_rms: 1e-7, max_over_rms: 1e-7 };
        Object.assign(expect, { grads: [], params: [], buffers: [] });
        expect[section].push({ name: probe, shape: [3], value, noise });
        const arrays = Object.fromEntries(Object.keys(parameters).map((name) => [name, value]));
        Object.assign(draft.json, { reference: 'torch', parameters, weights: [{ arrays }] });
      });
    t.equal((await train('norm.running_mean', 'buffers')).train?.expect.buffers[0]?.name, 'norm.running_mean');
    t.equal((await train('table', 'buffers')).train?.expect.buffers.length, 1);
    t.equal((await train('norm.weight', 'grads')).train?.expect.grads.length, 1);
    await t.rejects(train('norm.running_mean', 'grads'), {
      message: /train\.expect\.grads\[0\]\.name is norm\.running_mean; a parameter that is not a buffer is wanted/,
    });
    await t.rejects(train('norm.num_batches_tracked', 'buffers'), {
      message: /train\.expect\.buffers\[0\]\.name is norm\.num_batches_tracked; a buffer of parameters is wanted/,
    });
  },
);

async function readTraining(folder: string, change: (draft: BundleDraft) => void) {
  return readBundle(await writeTestBundle2(folder, change, 'train'));
}

function torchWeights(): Map<string, NdArray> {
  return new Map<string, NdArray>([
    ['norm.weight', float32NdArray([3], Float32Array.of(4, 5, 6))],
    ['norm.running_var', float32NdArray([3], Float32Array.of(1, 2, 3))],
    ['norm.num_batches_tracked', { dtype: 'i8', shape: [], data: BigInt64Array.of(40n) }],
  ]);
}
