import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { float32NdArray, type NdArray } from '../contract/nd-array.js';
import type { CaseFile, CaseProbe, CaseTrain } from './case-file.js';
import { renderNpy } from './npy.js';
import { renderNpz } from './npz.js';

/**
 * A bundle before it is written. Tests change what they like; hashes follow the files unless `hashes` overrides them.
 */
export interface BundleDraft {
  /** case.json without `sha256`. */
  readonly json: Writable<Omit<CaseFile, 'sha256'>>;
  readonly files: Map<string, Uint8Array>;
  readonly hashes: Map<string, string>;
}

export type Writable<T> = T extends object ? { -readonly [K in keyof T]: Writable<T[K]> } : T;

/**
 * Writes a tiny valid bundle into `folder`, for tests: the network of test/ports/tiny.mjs (y = 2·image, z = y + 1,
 * logits = z · z) on an image [1, 3, 2, 2], with weights of every kind. Changes are made before the hashes are taken.
 */
export async function writeTestBundle(
  folder: string,
  change: (draft: BundleDraft) => void = () => undefined,
  phase: 'infer' | 'train' = 'infer',
): Promise<string> {
  const draft = phase === 'infer' ? draftInference() : draftTraining();
  change(draft);
  const sha256: Record<string, string> = {};
  for (const [name, bytes] of draft.files) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
    sha256[name] = createHash('sha256').update(bytes).digest('hex');
  }
  for (const [name, hash] of draft.hashes) sha256[name] = hash;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'case.json'), JSON.stringify({ ...draft.json, sha256 }, null, 2));
  return folder;
}

const noise = { rel_rms: 1e-7, max_over_rms: 5e-7 };
const shape = [1, 3, 2, 2];

const parameters = {
  'conv.weight': [3, 3, 1, 1],
  'norm.weight': [3],
  'norm.bias': [3],
  'norm._mean': [3],
  'norm._variance': [3],
};

function draftInference(): BundleDraft {
  const image = Float32Array.from({ length: 12 }, (_, i) => Math.sin(i + 1));
  const y = image.map((value) => 2 * value);
  const z = y.map((value) => value + 1);
  const logits = z.map((value) => value * value);
  const probes = new Map<string, NdArray>([
    ['y', float32NdArray(shape, y)],
    ['z', float32NdArray(shape, z)],
    ['logits', float32NdArray(shape, logits)],
  ]);
  return {
    json: {
      ...common('infer'),
      inputs: { image: { file: 'image.npy' } },
      draws: {},
      probes: [...probes.keys()].map((name) => ({
        name,
        value: { file: 'probes.npz', key: name },
        shape: [...shape],
        noise: { ...noise },
        own_noise: { ...noise },
      })),
    },
    files: new Map([
      ['image.npy', renderNpy(float32NdArray(shape, image))],
      ['probes.npz', renderNpz(probes)],
      ['buffers.npz', renderNpz(buffers())],
    ]),
    hashes: new Map(),
  };
}

function draftTraining(): BundleDraft {
  const image = float32NdArray(
    shape,
    Float32Array.from({ length: 12 }, (_, i) => Math.cos(i)),
  );
  const label: NdArray = { dtype: 'i8', shape: [1, 2, 2], data: BigInt64Array.of(0n, 1n, 255n, 2n) };
  const arrays = new Map<string, NdArray>();
  const probe = (kind: string, name: keyof typeof parameters): Writable<CaseProbe> => {
    const extents = parameters[name];
    const count = extents.reduce((product, extent) => product * extent, 1);
    arrays.set(
      `${kind}/${name}`,
      float32NdArray(
        extents,
        Float32Array.from({ length: count }, (_, i) => Math.sin(i) + 2),
      ),
    );
    return { name, value: { file: 'expect.npz', key: `${kind}/${name}` }, shape: [...extents], noise: { ...noise } };
  };
  const train: Writable<CaseTrain> = {
    optimizer: { type: 'AdamW', weight_decay: 0.01 },
    lr_scheduler: { type: 'PolynomialDecay', learning_rate: 0.00006, power: 1 },
    iters: 10,
    loss: { types: [{ type: 'CrossEntropyLoss' }], coef: [1] },
    steps: [{ image: { file: 'image.npy' }, label: { file: 'label.npy' }, draws: {} }],
    expect: {
      lr: [0.00006],
      loss: [{ value: 1.25, noise: 1e-7 }],
      grads: [probe('grads', 'conv.weight')],
      params: [probe('params', 'conv.weight')],
      buffers: [probe('buffers', 'norm._mean')],
    },
  };
  return {
    json: { ...common('train'), train },
    files: new Map([
      ['image.npy', renderNpy(image)],
      ['label.npy', renderNpy(label)],
      ['expect.npz', renderNpz(arrays)],
      ['buffers.npz', renderNpz(buffers())],
    ]),
    hashes: new Map(),
  };
}

function common(phase: 'infer' | 'train'): Writable<Omit<CaseFile, 'sha256'>> {
  return {
    format: 'golden-bundle/1',
    id: `tiny-${phase}`,
    phase,
    model: { type: 'Tiny' },
    parameters: structuredClone(parameters),
    weights: [
      { seeded: { scheme: 'uniform/1', seed: 3 } },
      {
        arrays: {
          'norm._mean': { file: 'buffers.npz', key: 'norm._mean' },
          'norm._variance': { file: 'buffers.npz', key: 'norm._variance' },
        },
      },
    ],
    made_by: { generator: 'harness/golden/test-bundle.ts', framework: 'by hand', dtype: 'float32' },
  };
}

function buffers(): ReadonlyMap<string, NdArray> {
  return new Map([
    ['norm._mean', float32NdArray([3], Float32Array.of(0, 0.5, -0.5))],
    ['norm._variance', float32NdArray([3], Float32Array.of(1, 2, 3))],
  ]);
}
