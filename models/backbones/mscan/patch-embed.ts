import type { Operators } from '../../operators.js';
import { batchNorm, conv, gelu } from '../../parts/layers.js';
import { batchNorm as batchNormState, convolution, type Entry } from '../../parts/state.js';
import type { EmbedLayer } from '../../parts/trunk.js';

/** A stem of two convolutions before the first stage, one convolution before each other. */
export const embed: EmbedLayer = {
  forward: (ops, x, name, stage) => (stage === 0 ? stem : overlapPatchEmbed)(ops, x, name),
  parameters: (name, stage, from, to) => (stage === 0 ? stemParameters : patchEmbedParameters)(name, from, to),
};

/**
 * Halves height and width twice, rounding up. Shapes: [b, c, h, w] → [b, d, ⌈h/4⌉, ⌈w/4⌉]. Source: `StemConv` in
 * mscan.py.
 */
function stem<T>(ops: Operators<T>, image: T, name: string): T {
  return ops.scope(() => {
    let x = conv(ops, image, `${name}.proj.0`, halving);
    x = batchNorm(ops, x, `${name}.proj.1`);
    x = gelu(ops, x, `${name}.proj.2`);
    x = conv(ops, x, `${name}.proj.3`, halving);
    x = batchNorm(ops, x, `${name}.proj.4`);
    return ops.probe(name, ops.probe(`${name}.proj`, x));
  });
}

/**
 * Halves height and width, rounding up. Shapes: [b, c, h, w] → [b, d, ⌈h/2⌉, ⌈w/2⌉]. Source: `OverlapPatchEmbed` in
 * mscan.py.
 */
function overlapPatchEmbed<T>(ops: Operators<T>, x: T, name: string): T {
  return ops.scope(() => {
    const projected = conv(ops, x, `${name}.proj`, halving);
    return ops.probe(name, batchNorm(ops, projected, `${name}.norm`));
  });
}

/** 3×3 kernels at stride 2 with one ring of zeros. */
const halving = { stride: [2, 2], padding: [1, 1] } as const;

function* stemParameters(name: string, from: number, to: number): Generator<Entry> {
  const half = Math.floor(to / 2);
  yield* convolution(`${name}.proj.0`, [half, from, 3, 3]);
  yield* batchNormState(`${name}.proj.1`, half);
  yield* convolution(`${name}.proj.3`, [to, half, 3, 3]);
  yield* batchNormState(`${name}.proj.4`, to);
}

function* patchEmbedParameters(name: string, from: number, to: number): Generator<Entry> {
  yield* convolution(`${name}.proj`, [to, from, 3, 3]);
  yield* batchNormState(`${name}.norm`, to);
}
