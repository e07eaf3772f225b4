import { type Shape, tokenSizes } from '../shapes.js';

/**
 * Shapes: as the text says. Throws where x is not a feature map, or its channels make no whole groups.
 * Source: the reshape of x in `_MatrixDecomposition2DBase.forward`, models/layers/nmf_2d.py.
 */
export interface ToTokens<T> {
  /** A feature map [b, g·c, h, w] as [b·g, h·w, c]: the tokens of each of `groups` groups of channels. */
  toTokens(x: T, groups: number): T;
}

declare module '../operators.js' {
  interface Operators<T> extends ToTokens<T> {}
}

export const shapes = (): ToTokens<Shape> => ({ toTokens: tokenSizes });
