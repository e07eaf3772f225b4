export interface ConvOptions {
  readonly stride: Pair;
  /** How far apart neighbours of the kernel look; 1 × 1 if not given. */
  readonly dilation?: Pair;
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

/** Height and width of the part of a map that one position of the output sees. */
export function reachOf(
  [height, width]: Pair,
  { dilation: [down, across] = [1, 1] }: Pick<ConvOptions, 'dilation'>,
): Pair {
  return [(height - 1) * down + 1, (width - 1) * across + 1];
}

/** Height and width of what a convolution gives. */
export function convolvedSize([height, width]: Pair, kernel: Pair, options: ConvOptions): Pair {
  const { top, left, bottom, right } = paddingSides(options);
  const [down, across] = options.stride;
  const [reachDown, reachAcross] = reachOf(kernel, options);
  return [
    Math.floor((height + top + bottom - reachDown) / down) + 1,
    Math.floor((width + left + right - reachAcross) / across) + 1,
  ];
}
