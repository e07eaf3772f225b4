import { convolvedSize } from '../../../models/conv-options.js';
import type { ConvOptions } from '../../../models/operators.js';
import type { ShapeNhwc } from './lazy-map.js';

/** The shape of what a convolution with `outputs` kernels gives. */
export function convolvedShape(
  [b, h, w]: ShapeNhwc,
  outputs: number,
  extent: readonly [number, number],
  options: ConvOptions,
): ShapeNhwc {
  return [b, ...convolvedSize([h, w], extent, options), outputs];
}

/** Throws for groups between one and the number of channels. */
export function validateGroups(name: string, { groups }: ConvOptions, channels: number): void {
  if (groups !== 1 && groups !== channels) {
    throw new Error(`${name} has ${groups} groups of ${channels} channels; 1 or ${channels} are implemented`);
  }
}

/** Whether a convolution sees one position at a time, and no padding. */
export function isPointwise(extent: readonly [number, number], { stride, padding }: ConvOptions): boolean {
  return [...extent, ...stride].every((n) => n === 1) && padding.every((n) => n === 0);
}
