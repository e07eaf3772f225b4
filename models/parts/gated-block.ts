import type { Operators } from '../operators.js';
import { batchNorm, conv, dropPath, gelu } from './layers.js';
import type { ChannelLayer } from './trunk.js';

export interface BlockOptions {
  readonly channels: number;
  /** Of the MLP, see `hiddenChannels`. */
  readonly hidden: number;
  readonly gate: ChannelLayer;
  readonly mix: ChannelLayer;
  readonly dropPathRate: number;
}

/**
 * x + s₁ · attention(norm1(x)), then x + s₂ · mlp(norm2(x)).
 * Source: `Block` in mscan.py and in van.py. Its DropPath and Dropout are called twice: no probes.
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

/** Source: `SpatialAttention` in mscan.py, `Attention` in van.py. */
function spatialAttention<T>(ops: Operators<T>, shortcut: T, name: string, options: BlockOptions): T {
  let x = conv(ops, shortcut, `${name}.proj_1`);
  x = gelu(ops, x, `${name}.activation`);
  x = options.gate.forward(ops, x, `${name}.spatial_gating_unit`, options.channels);
  x = conv(ops, x, `${name}.proj_2`);
  return ops.probe(name, ops.add(x, shortcut));
}

/** Source: `Mlp` in mscan.py and in van.py. */
function mlp<T>(ops: Operators<T>, x: T, name: string, { hidden, mix }: BlockOptions): T {
  let y = conv(ops, x, `${name}.fc1`);
  y = mix.forward(ops, y, `${name}.dwconv`, hidden);
  y = gelu(ops, y, `${name}.act`);
  return ops.probe(name, conv(ops, y, `${name}.fc2`));
}
