import { float32NdArray } from '../contract/nd-array.js';
import { testRefusals } from './bad-bundles-for-tests.js';
import {
  addArray,
  addMask,
  addRaw,
  addTwin,
  maskFirst,
  renameProbes,
  setLossNoise,
  someNoise,
  writeTestBundle2,
} from './bundle-2-for-tests.js';
import { renderNpz } from './npz.js';
import type { BundleDraft } from './test-bundle.js';

/** What format 2 adds, where it is wrong. */
testRefusals(writeTestBundle2, [
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
    what: 'neither outputs nor logits',
    change: ({ json }) => {
      Reflect.deleteProperty(json, 'outputs');
      json.probes!.pop();
    },
    error: /case\.json: outputs is left out and no probe is logits; names of probes are wanted$/,
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
    what: 'a mask of its own and no rms beside the sample of another',
    change: (draft) => {
      const [y] = draft.json.probes!;
      const value = addArray(draft, 'y', float32NdArray([2], Float32Array.of(1, 2)));
      Object.assign(y!, { value, sample: { seed: 1, count: 2 }, rms: 1.5 });
      addTwin({ same_as: 'y', valid: addMask(draft, [2], [1, 0]) })(draft);
    },
    error: /case\.json: probes\[2\]\.rms is missing, and its valid is not that of y; the rms of what counts is wanted$/,
  },
  {
    what: 'goldens that are shared beyond all memory',
    change: (draft) => {
      const large = addLarge(draft);
      Object.assign(draft.json.probes![0]!, large);
      const twin = (_: unknown, at: number) => ({ name: `twin ${at}`, shape: large.shape, same_as: 'y' });
      draft.json.probes!.push(...Array.from({ length: 1000 }, twin));
    },
    error:
      /case\.json: arrays that are named again have 2214592512 bytes together, up to probes\[35\]\.same_as; at most 2147483648 bytes are wanted/,
  },
  {
    what: 'an array that is named beyond all memory',
    change: (draft) => {
      const large = { ...draft.json.probes![0]!, ...addLarge(draft) };
      const probe = (_: unknown, at: number) => ({ ...large, name: `again ${at}` });
      draft.json.probes!.push(...Array.from({ length: 1000 }, probe));
    },
    error:
      /case\.json: arrays that are named again have 2214592512 bytes together, up to probes\[36\]\.value, probe again 33; /,
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
]);

/** A golden of 64 MiB in a file of 64 kB. */
function addLarge({ files }: BundleDraft): { readonly value: { file: string; key: string }; readonly shape: number[] } {
  const shape = [1, 1, 4096, 4096];
  const array = float32NdArray(shape, new Float32Array(2 ** 24).fill(1));
  files.set('large.npz', renderNpz(new Map([['large', array]])));
  return { value: { file: 'large.npz', key: 'large' }, shape };
}
