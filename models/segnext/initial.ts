import type { Initial } from '../model-definition.js';
import type { SegNeXtConfig } from './config.js';
import { segNeXtParameters } from './parameters.js';

/**
 * Source: `init_weights` in models/backbones/mscan.py for the backbone (normal, by what a convolution gives out); for
 * the head the defaults of paddle.nn.Conv2D (normal, by what it takes in). Layer scales are 0.01, norms 1 and 0, biases
 * 0.
 */
export function initialSegNeXt(config: SegNeXtConfig): ReadonlyMap<string, Initial> {
  return new Map([...segNeXtParameters(config)].map(([name, shape]) => [name, initialOf(name, shape)]));
}

function initialOf(name: string, shape: readonly number[]): Initial {
  if (name.includes('.layer_scale_')) return { kind: 'constant', value: 0.01 };
  if (name.endsWith('.bases')) return { kind: 'bases' };
  if (shape.length === 4) return { kind: 'normal', std: Math.sqrt(2 / fanOf(name, shape)) };
  return { kind: 'constant', value: name.endsWith('.weight') || name.endsWith('._variance') ? 1 : 0 };
}

function fanOf(name: string, [out = 0, perGroup = 0, kh = 0, kw = 0]: readonly number[]): number {
  if (!name.startsWith('backbone.')) return kh * kw * perGroup;
  const depthwise = perGroup === 1 && !name.includes('.proj.0.');
  return kh * kw * (depthwise ? 1 : out);
}
