import type { Operators } from '../../operators.js';
import { batchNorm, conv, depthwise, dropPath, gelu } from '../../parts/layers.js';

export interface BlockOptions {
  readonly channels: number;
  /** Of the MLP, see `hiddenChannels`. */
  readonly hidden: number;
  readonly kernelSizes: readonly number[];
  readonly dropPathRate: number;
}

/**
 * x + s₁ · attention(norm1(x)), then x + s₂ · mlp(norm2(x)).
 * Source: `Block` in mscan.py. Its DropPath and Dropout are called twice: no probes.
 */
export function block<T>(ops: Operators<T>, x: T, name: string, options: BlockOptions): T {
  return ops.scope(() => {
    const drop = (branch: T, call: number) =>
      dropPath(ops, branch, `${name}.drop_path`, { rate: options.dropPathRate, call });
    const attended = ops.scope(() => {
      const attention = spatialAttention(ops, batchNorm(ops, x, `${name}.norm1`), `${name}.attn`, options);
      return ops.add(x, drop(ops.scaleChannels(attention, `${name}.layer_scale_1`), 0));
    });
    const mixed = mlp(ops, batchNorm(ops, attended, `${name}.norm2`), `${name}.mlp`, options);
    return ops.probe(name, ops.add(attended, drop(ops.scaleChannels(mixed, `${name}.layer_scale_2`), 1)));
  });
}

/** int(dim * mlp_ratio) of the reference. */
export function hiddenChannels(channels: number, mlpRatio: number): number {
  return Math.trunc(channels * mlpRatio);
}

/** Source: `SpatialAttention` in mscan.py. */
function spatialAttention<T>(ops: Operators<T>, shortcut: T, name: string, options: BlockOptions): T {
  let x = conv(ops, shortcut, `${name}.proj_1`);
  x = gelu(ops, x, `${name}.activation`);
  x = gate(ops, x, `${name}.spatial_gating_unit`, options);
  x = conv(ops, x, `${name}.proj_2`);
  return ops.probe(name, ops.add(x, shortcut));
}

/**
 * Multi-scale attention: strips 1×k then k×1 of each size, added up, times the input. Source: `AttentionModule` in
 * mscan.py.
 */
function gate<T>(ops: Operators<T>, x: T, name: string, { channels, kernelSizes }: BlockOptions): T {
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
}

/** Source: `Mlp` in mscan.py. */
function mlp<T>(ops: Operators<T>, x: T, name: string, { hidden }: BlockOptions): T {
  let y = conv(ops, x, `${name}.fc1`);
  y = depthwise(ops, y, `${name}.dwconv`, hidden, [3, 3]);
  y = gelu(ops, y, `${name}.act`);
  return ops.probe(name, conv(ops, y, `${name}.fc2`));
}
