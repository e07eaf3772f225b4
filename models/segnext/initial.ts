import type { Initial } from '../model-definition.js';
import type { SegNeXtConfig } from './config.js';
import { segNeXtParameters } from './parameters.js';

/**
 * The backbone's own, and for the head the defaults of paddle.nn.Conv2D: normal, by what a convolution takes in. Norms
 * are 1 and 0, biases 0.
 */
export function initialSegNeXt(config: SegNeXtConfig): ReadonlyMap<string, Initial> {
  const initialOf = (name: string, shape: readonly number[]) =>
    name.startsWith(backbone)
      ? config.backbone.initial(name.slice(backbone.length), shape)
      : initialOfHead(name, shape);
  return new Map([...segNeXtParameters(config)].map(([name, shape]) => [name, initialOf(name, shape)]));
}

const backbone = 'backbone.';

function initialOfHead(name: string, shape: readonly number[]): Initial {
  if (name.endsWith('.bases')) return { kind: 'bases' };
  const [, from = 0, kh = 0, kw = 0] = shape;
  if (shape.length === 4) return { kind: 'normal', std: Math.sqrt(2 / (kh * kw * from)) };
  return { kind: 'constant', value: name.endsWith('.weight') ? 1 : 0 };
}
