import { mapSizes, type Shape, type ShapeContext } from '../shapes.js';

/** Shapes: a feature map, or a vector [b, c] → the same. Throws for anything else. */
export interface Probe<T> {
  /** Records x under the reference's sublayer name and returns it, or what replaces it. */
  probe(name: string, x: T): T;
}

declare module '../operators.js' {
  interface Operators<T> extends Probe<T> {}
}

export const shapes = (context: ShapeContext): Probe<Shape> => ({
  probe(name, x) {
    context.recordProbe(name, x.length === 2 ? x : mapSizes(x));
    return x;
  },
});
