import { float32NdArray, type NdArray } from '../contract/nd-array.js';
import type { CaseProbe } from './case-file.js';
import { renderNpy } from './npy.js';
import { renderSafetensors } from './safetensors.js';
import { type BundleDraft, type Writable, writeTestBundle } from './test-bundle.js';

/**
 * Writes a tiny valid bundle of format 2 into `folder`, for tests: that of `writeTestBundle`, with two outputs, z and
 * logits.
 */
export function writeTestBundle2(
  folder: string,
  change: (draft: BundleDraft) => void = () => undefined,
  phase: 'infer' | 'train' = 'infer',
): Promise<string> {
  return writeTestBundle(
    folder,
    (draft) => {
      draft.json.format = 'golden-bundle/2';
      if (phase === 'infer') draft.json.outputs = ['z', 'logits'];
      change(draft);
    },
    phase,
  );
}

/** Makes a draft of phase infer one with every key that format 2 has. */
export function useEveryKey(draft: BundleDraft): void {
  const { json, files } = draft;
  const noise = someNoise;
  const [y, z, logits] = json.probes!;
  Object.assign(json, { reference: 'torch', model: { type: 'onnx', file: 'model.onnx' } });
  files.set('model.onnx', Uint8Array.of(8, 8));
  json.inputs!.ids = addArray(draft, 'ids', { dtype: 'i8', shape: [2], data: BigInt64Array.of(1n, 2n) });
  json.outputs = ['logits', 'logits[1]'];
  Object.assign(y!, { name: 'y#1', layout: 'raw', noise_at: { fp16: { noise, own_noise: noise }, tf32: { noise } } });
  z!.valid = addArray(draft, 'mask', { dtype: 'b1', shape: [2], data: Uint8Array.of(1, 0) });
  json.probes!.splice(1, 0, { name: 'y#2', shape: [1, 3, 2, 2], same_as: 'y#1' });
  json.probes!.push({ ...logits!, name: 'logits[1]' });
  const bias = float32NdArray([3], Float32Array.of(1, 2, 3));
  files.set('w.safetensors', renderSafetensors(new Map([['norm.bias', bias]])));
  json.weights[0] = {
    seeded: { scheme: 'uniform/2', seed: 7, ranges: { 'conv.weight': [-1, 1], 'norm.weight': [0, 1] } },
  };
  json.weights.push({ safetensors: 'w.safetensors' });
}

/** Adds an array to the files of a draft, and gives the reference to it. */
export function addArray({ files }: BundleDraft, name: string, array: NdArray): { file: string } {
  const file = `${name}.npy`;
  files.set(file, renderNpy(array));
  return { file };
}

export function addMask(draft: BundleDraft, shape: number[], elements: number[], dtype: 'b1' | 'u1' = 'b1') {
  return addArray(draft, `mask${draft.files.size}`, { dtype, shape, data: Uint8Array.from(elements) });
}

export function maskFirst(shape: number[], elements: number[], dtype?: 'u1'): (draft: BundleDraft) => void {
  return (draft) => Object.assign(draft.json.probes![0]!, { valid: addMask(draft, shape, elements, dtype) });
}

export function setLossNoise(noiseAt: object): (draft: BundleDraft) => void {
  return ({ json }) => Object.assign(json.train!.expect.loss[0]!, { noise_at: noiseAt });
}

/** Adds a third probe. */
export function addTwin(keys: Partial<CaseProbe>): (draft: BundleDraft) => void {
  return ({ json }) => {
    json.probes!.splice(2, 0, { name: 'twin', shape: [1, 3, 2, 2], ...keys } as Writable<CaseProbe>);
  };
}

/** Gives the first probes other names. The outputs are logits. */
export function renameProbes(...names: readonly string[]): (draft: BundleDraft) => void {
  return ({ json }) => {
    if (json.format === 'golden-bundle/2') json.outputs = ['logits'];
    for (const [at, name] of names.entries()) json.probes![at]!.name = name;
  };
}

/** An array of a dtype that `renderNpy` does not write. */
export function addRaw(
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

export const someNoise = { rel_rms: 1e-4, max_over_rms: 5e-4 };
