import { reachOf } from '../conv-options.js';
import type { ConvOptions, Operators, Pair } from '../operators.js';

/** Paddle's default of BatchNorm2D and GroupNorm. */
const epsilon = 1e-5;

/** The layers of the reference, each a probe under its own name. */
export function conv<T>(ops: Operators<T>, x: T, name: string, options: Partial<ConvOptions> = {}): T {
  const { stride = [1, 1], padding = [0, 0], groups = 1, bias = true } = options;
  return ops.probe(name, ops.conv2d(x, name, { ...options, stride, padding, groups, bias }));
}

/** A convolution of each channel by its own kernel of odd size, which keeps height and width. */
export function depthwise<T>(
  ops: Operators<T>,
  x: T,
  name: string,
  channels: number,
  kernel: Pair,
  dilation: Pair = [1, 1],
): T {
  const [height, width] = reachOf(kernel, { dilation });
  return conv(ops, x, name, { groups: channels, padding: [(height - 1) / 2, (width - 1) / 2], dilation });
}

export function batchNorm<T>(ops: Operators<T>, x: T, name: string): T {
  return ops.probe(name, ops.batchNorm(x, name, { epsilon }));
}

export function layerNorm<T>(ops: Operators<T>, x: T, name: string, epsilon: number): T {
  return ops.probe(name, ops.layerNorm(x, name, { epsilon }));
}

export function groupNorm<T>(ops: Operators<T>, x: T, name: string, groups: number): T {
  return ops.probe(name, ops.groupNorm(x, name, { groups, epsilon }));
}

/** Source: `DropPath` in models/backbones/transformer_utils.py, called twice in a block: no probe. */
export function dropPath<T>(ops: Operators<T>, x: T, name: string, options: { rate: number; call: number }): T {
  return options.rate > 0 && ops.training !== undefined ? ops.training.dropPath(x, name, options) : x;
}

/** Source: paddle.nn.Dropout2D, in its mode upscale_in_train. */
export function dropout2d<T>(ops: Operators<T>, x: T, name: string, rate: number): T {
  return ops.probe(name, rate > 0 && ops.training !== undefined ? ops.training.dropout2d(x, name, { rate }) : x);
}

export function gelu<T>(ops: Operators<T>, x: T, name: string): T {
  return ops.probe(name, ops.gelu(x));
}
