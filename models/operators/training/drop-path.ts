import { expectShape, mapSizes, type Shape, type ShapeContext } from '../../shapes.js';

/**
 * Shapes: [b, c, h, w] → the same. Throws where there are not two calls of b flags, or another call is meant.
 * Source: `DropPath` in models/backbones/transformer_utils.py.
 */
export interface DropPath<T> {
  /** Whole samples of a feature map. The flags are [calls, b]: `call` counts the calls of one sublayer in a forward. */
  dropPath(x: T, name: string, options: { rate: number; call: number }): T;
}

declare module '../../operators.js' {
  interface TrainingOperators<T> extends DropPath<T> {}
}

export const shapes = (context: ShapeContext): DropPath<Shape> => ({
  dropPath(x, name, { call }) {
    expectShape(context.draw(name), [2, mapSizes(x)[0]], name);
    if (call !== 0 && call !== 1) throw new Error(`${name} has no call ${call}`);
    return x;
  },
});
