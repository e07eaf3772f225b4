import type { Bundle } from '../../harness/golden/bundle.js';
import { resolveBundleFolder } from '../../harness/golden/list-shipped.js';
import { readBundle } from '../../harness/golden/read-bundle.js';
import { describeModel } from '../../harness/run/describe-model.js';
import { cannot } from '../../harness/support/errors.js';
import type { Size } from './contenders.js';

/** A bundle whose network is raced, and the size of the images. */
export interface Network {
  readonly bundle: Bundle;
  readonly size: Size;
}

type Phase = Bundle['phase'];

const usual: Readonly<Record<Phase, { readonly name: string; readonly size: Size }>> = {
  infer: { name: 'segnext-t-large', size: [512, 1024] },
  train: { name: 'segnext-t-train', size: [256, 256] },
};

/** What `--bundle` and `--size` ask for, or the usual. Throws a UserError for a bundle of another phase. */
export async function readNetwork(phase: Phase, name = usual[phase].name, size = usual[phase].size): Promise<Network> {
  const bundle = await readBundle(resolveBundleFolder(name));
  if (bundle.phase === phase) return { bundle, size };
  const parts = { infer: 'forward,memory', train: 'training,training-memory' };
  throw cannot(
    'race',
    name,
    `it is of phase ${bundle.phase}`,
    `a bundle of phase ${phase} is wanted`,
    `--parts ${parts[bundle.phase]}`,
  );
}

/** `VAN_B0, 1×3×224×224, float32, CPU` */
export function describeNetwork({ bundle, size }: Network, batch: number): string {
  return `${describeModel(bundle.model)}, ${[batch, 3, ...size].join('×')}, float32, CPU`;
}

/** Of `512x1024`; null for anything else. */
export function parseSize(text: string): Size | null {
  const [, height, width] = /^([1-9]\d{0,4})x([1-9]\d{0,4})$/.exec(text) ?? [];
  return height === undefined ? null : [Number(height), Number(width)];
}
