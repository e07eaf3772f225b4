export interface ConvOptions {
  readonly stride: Pair;
  /** Vertical and horizontal, the same on both sides; or top, left, bottom, right. */
  readonly padding: Pair | readonly [number, number, number, number];
  readonly groups: number;
  readonly bias: boolean;
}

/** Vertical, horizontal. */
export type Pair = readonly [number, number];

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
