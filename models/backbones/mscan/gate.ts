import { conv, depthwise } from '../../parts/layers.js';
import { convolution } from '../../parts/state.js';
import type { ChannelLayer } from '../../parts/trunk.js';

/**
 * Multi-scale attention: strips 1×k then k×1 of each size, added up, times the input. Source: `AttentionModule` in
 * mscan.py.
 */
export function multiScaleGate(kernelSizes: readonly number[]): ChannelLayer {
  return {
    forward(ops, x, name, channels) {
      const local = depthwise(ops, x, `${name}.conv0`, channels, [5, 5]);
      const strips = kernelSizes.map((size, index) => {
        const pair = `${name}.dwconvs.${index}`;
        const across = depthwise(ops, local, `${pair}.conv${index + 1}_1`, channels, [1, size]);
        const along = depthwise(ops, across, `${pair}.conv${index + 1}_2`, channels, [size, 1]);
        return ops.probe(pair, along);
      });
      // The reference adds in place, after it has recorded conv0: attn += sum(attns).
      const mixed = ops.add(
        local,
        strips.reduce((sum, strip) => ops.add(sum, strip)),
      );
      return ops.probe(name, ops.mul(conv(ops, mixed, `${name}.conv_out`), x));
    },
    *parameters(name, channels) {
      yield* convolution(`${name}.conv0`, [channels, 1, 5, 5]);
      for (const [index, size] of kernelSizes.entries()) {
        yield* convolution(`${name}.dwconvs.${index}.conv${index + 1}_1`, [channels, 1, 1, size]);
        yield* convolution(`${name}.dwconvs.${index}.conv${index + 1}_2`, [channels, 1, size, 1]);
      }
      yield* convolution(`${name}.conv_out`, [channels, channels, 1, 1]);
    },
  };
}

/** `dwconv` of `Mlp` in mscan.py. */
export const mix: ChannelLayer = {
  forward: (ops, x, name, channels) => depthwise(ops, x, name, channels, [3, 3]),
  parameters: (name, channels) => convolution(name, [channels, 1, 3, 3]),
};
