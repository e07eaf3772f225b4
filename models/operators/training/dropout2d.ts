import { expectShape, mapSizes, type Shape, type ShapeContext } from '../../shapes.js';

/**
 * Shapes: [b, c, h, w] → the same. Throws where the flags do not fit.
 * Source: paddle.nn.Dropout2D, in its mode upscale_in_train.
 */
export interface Dropout2d<T> {
  /** Whole channels of a sample. The flags are [1, b, c]. */
  dropout2d(x: T, name: string, options: { rate: number }): T;
}

declare module '../../operators.js' {
  interface TrainingOperators<T> extends Dropout2d<T> {}
}

export const shapes = (context: ShapeContext): Dropout2d<Shape> => ({
  dropout2d(x, name) {
    expectShape(context.draw(name), [1, ...mapSizes(x).slice(0, 2)], name);
    return x;
  },
});
