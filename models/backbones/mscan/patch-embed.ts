import type { Operators } from '../../operators.js';
import { batchNorm, conv, gelu } from '../../parts/layers.js';

/**
 * Halves height and width twice, rounding up. Shapes: [b, c, h, w] → [b, d, ⌈h/4⌉, ⌈w/4⌉]. Source: `StemConv` in
 * mscan.py.
 */
export function stem<T>(ops: Operators<T>, image: T, name: string): T {
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
export function overlapPatchEmbed<T>(ops: Operators<T>, x: T, name: string): T {
  return ops.scope(() => {
    const projected = conv(ops, x, `${name}.proj`, halving);
    return ops.probe(name, batchNorm(ops, projected, `${name}.norm`));
  });
}

/** 3×3 kernels at stride 2 with one ring of zeros. */
const halving = { stride: [2, 2], padding: [1, 1] } as const;
