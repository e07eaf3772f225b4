import { expectShape, type Shape, tokenSizes } from '../shapes.js';

/**
 * Shapes: [b·g, h·w, c], like [b, g·c, h, w] → like's. Throws where they do not fit.
 * Source: the last reshape in `_MatrixDecomposition2DBase.forward`, models/layers/nmf_2d.py.
 */
export interface FromTokens<T> {
  /** The inverse of toTokens, back to the shape of the feature map `like`. */
  fromTokens(tokens: T, like: T, groups: number): T;
}

declare module '../operators.js' {
  interface Operators<T> extends FromTokens<T> {}
}

export const shapes = (): FromTokens<Shape> => ({
  fromTokens(tokens, like, groups) {
    expectShape(tokens, tokenSizes(like, groups), 'the tokens');
    return like;
  },
});
