import type { NdArray } from '../contract/nd-array.js';
import { renderNpy } from './npy.js';
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

/** Adds an array to the files of a draft, and gives the reference to it. */
export function addArray({ files }: BundleDraft, name: string, array: NdArray): { file: string } {
  const file = `${name}.npy`;
  files.set(file, renderNpy(array));
  return { file };
}
