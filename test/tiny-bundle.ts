import { float32NdArray, type NdArray } from '../harness/contract/nd-array.js';
import type { Bundle, GoldenProbe } from '../harness/golden/bundle.js';

/**
 * A bundle in memory for test/ports/tiny.mjs: image [1, 3, 2, 2], probes y, z and logits, complete and with own noise.
 */
export function tinyBundle(changes: Partial<Bundle> = {}): Bundle {
  const image = Float32Array.from({ length: 12 }, (_, i) => Math.fround(Math.sin(i + 1)));
  const y = image.map((value) => 2 * value);
  const z = y.map((value) => value + 1);
  return {
    format: 'golden-bundle/1',
    id: 'tiny',
    folder: 'test',
    caseSha256: '0'.repeat(64),
    phase: 'infer',
    model: { type: 'Tiny' },
    reference: 'paddle',
    parameters: new Map(),
    weights: [],
    inputs: new Map([['image', float32NdArray([1, 3, 2, 2], image)]]),
    outputs: ['logits'],
    draws: new Map(),
    probes: [
      golden('y', y),
      golden('z', z),
      golden(
        'logits',
        z.map((value) => value * value),
      ),
    ],
    train: null,
    madeBy: { framework: 'by hand' },
    ...changes,
  };
}

/** Twelve whole numbers, u4 in the bundle, for bundles that hold more than an image. */
export const tinyTokens: NdArray = {
  dtype: 'i8',
  stored: 'u4',
  shape: [1, 12],
  data: BigInt64Array.from({ length: 12 }, (_, i) => BigInt(i)),
};

export function golden(name: string, value: Float32Array, changes: Partial<GoldenProbe> = {}): GoldenProbe {
  const noise = { relRms: 1e-7, maxOverRms: 5e-7 };
  const rms = Math.sqrt(value.reduce((sum, x) => sum + x * x, 0) / value.length);
  return {
    name,
    shape: [1, 3, 2, 2],
    raw: false,
    value,
    sample: null,
    valid: null,
    rms,
    noise,
    ownNoise: noise,
    noiseAt: new Map(),
    informative: true,
    ...changes,
  };
}
