import { batchNorm, conv, depthwise } from '../../parts/layers.js';
import { batchNorm as batchNormState, convolution } from '../../parts/state.js';
import type { ChannelLayer, EmbedLayer } from '../../parts/trunk.js';

/** A convolution and a batch norm: 7×7 at stride 4, then 3×3 at stride 2. Source: `OverlapPatchEmbed` in van.py. */
export const embed: EmbedLayer = {
  forward(ops, x, name, stage) {
    const [step, side] = stage === 0 ? [4, 3] : [2, 1];
    return ops.scope(() => {
      const projected = conv(ops, x, `${name}.proj`, { stride: [step, step], padding: [side, side] });
      return ops.probe(name, batchNorm(ops, projected, `${name}.norm`));
    });
  },
  *parameters(name, stage, from, to) {
    const size = stage === 0 ? 7 : 3;
    yield* convolution(`${name}.proj`, [to, from, size, size]);
    yield* batchNormState(`${name}.norm`, to);
  },
};

/** Large kernel attention: 5×5, then 7×7 with gaps, then 1×1, times the input. Source: `LKA` in van.py. */
export const gate: ChannelLayer = {
  forward(ops, x, name, channels) {
    let y = depthwise(ops, x, `${name}.conv0`, channels, [5, 5]);
    y = depthwise(ops, y, `${name}.conv_spatial`, channels, [7, 7], [3, 3]);
    return ops.probe(name, ops.mul(conv(ops, y, `${name}.conv1`), x));
  },
  *parameters(name, channels) {
    yield* convolution(`${name}.conv0`, [channels, 1, 5, 5]);
    yield* convolution(`${name}.conv_spatial`, [channels, 1, 7, 7]);
    yield* convolution(`${name}.conv1`, [channels, channels, 1, 1]);
  },
};

/** Source: `DWConv` in van.py, a layer around its convolution. */
export const mix: ChannelLayer = {
  forward: (ops, x, name, channels) => ops.probe(name, depthwise(ops, x, `${name}.dwconv`, channels, [3, 3])),
  parameters: (name, channels) => convolution(`${name}.dwconv`, [channels, 1, 3, 3]),
};
