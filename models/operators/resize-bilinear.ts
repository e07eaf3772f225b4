import { mapSizes, type Shape } from '../shapes.js';

/**
 * Shapes: [b, c, h, w], like [_, _, h₂, w₂] → [b, c, h₂, w₂]. Throws where one is not a feature map.
 * Source: paddle.nn.functional.interpolate in its mode bilinear.
 */
export interface ResizeBilinear<T> {
  /** Bilinear, to the height and width of the feature map `like`. Half-pixel centres, or corners aligned. */
  resizeBilinear(x: T, like: T, options: { alignCorners: boolean }): T;
}

declare module '../operators.js' {
  interface Operators<T> extends ResizeBilinear<T> {}
}

export const shapes = (): ResizeBilinear<Shape> => ({
  resizeBilinear: (x, like) => [...mapSizes(x).slice(0, 2), ...mapSizes(like).slice(2)],
});
