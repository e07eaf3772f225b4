import { float32NdArray, type NdArray } from '../contract/nd-array.js';
import { renderNpy } from './npy.js';
import { renderSafetensors } from './safetensors.js';
import { type BundleDraft, writeTestBundle } from './test-bundle.js';

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
  const noise = { rel_rms: 1e-4, max_over_rms: 5e-4 };
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
