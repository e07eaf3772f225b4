import type { ConvOptions, Operators, Pair } from '../operators.js';

/** Paddle's default of BatchNorm2D, LayerNorm and GroupNorm. */
const epsilon = 1e-5;

/** The layers of the reference, each a probe under its own name. */
export function conv<T>(ops: Operators<T>, x: T, name: string, options: Partial<ConvOptions> = {}): T {
  const { stride = [1, 1], padding = [0, 0], groups = 1, bias = true } = options;
  return ops.probe(name, ops.conv2d(x, name, { stride, padding, groups, bias }));
}

/** A convolution of each channel by its own kernel of odd size, which keeps height and width. */
export function depthwise<T>(ops: Operators<T>, x: T, name: string, channels: number, kernel: Pair): T {
  return conv(ops, x, name, { groups: channels, padding: [(kernel[0] - 1) / 2, (kernel[1] - 1) / 2] });
}

export function batchNorm<T>(ops: Operators<T>, x: T, name: string): T {
  return ops.probe(name, ops.batchNorm(x, name, { epsilon }));
}

export function layerNorm<T>(ops: Operators<T>, x: T, name: string): T {
  return ops.probe(name, ops.layerNorm(x, name, { epsilon }));
}

export function groupNorm<T>(ops: Operators<T>, x: T, name: string, groups: number): T {
  return ops.probe(name, ops.groupNorm(x, name, { groups, epsilon }));
}

export function gelu<T>(ops: Operators<T>, x: T, name: string): T {
  return ops.probe(name, ops.gelu(x));
}
