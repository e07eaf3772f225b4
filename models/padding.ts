import type { ConvOptions } from './operators.js';

/** A convolution's padding on each side. */
export function paddingSides({ padding }: Pick<ConvOptions, 'padding'>): {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
} {
  const [top, left, bottom = top, right = left] = padding;
  return { top, left, bottom, right };
}
