import { mapSizes, type Shape } from '../shapes.js';

/**
 * Shapes: [b, c, h, w] → [b, c, ⌊r·h⌋, ⌊r·w⌋], by `scaledSize`. Throws where x is not a feature map.
 * Source: F.interpolate(x, (int(r * h), int(r * w))) with h and w from paddle.shape(x), as in models/lpsnet.py.
 */
export interface ResizeByRatio<T> {
  /** Bilinear, to `ratio` times height and width. Half-pixel centres, or corners aligned. */
  resizeByRatio(x: T, ratio: number, options: { alignCorners: boolean }): T;
}

declare module '../operators.js' {
  interface Operators<T> extends ResizeByRatio<T> {}
}

/** A size is a tensor in the reference: it is multiplied in float32 and rounded down. */
export function scaledSize(size: number, ratio: number): number {
  return Math.trunc(Math.fround(Math.fround(ratio) * Math.fround(size)));
}

export const shapes = (): ResizeByRatio<Shape> => ({ resizeByRatio: scaled });

function scaled(x: Shape, ratio: number): Shape {
  const [b, c, h, w] = mapSizes(x);
  const [height, width] = [scaledSize(h, ratio), scaledSize(w, ratio)];
  if (height < 1 || width < 1) throw new Error(`${ratio} times [${x.join(', ')}] has no pixel`);
  return [b, c, height, width];
}
