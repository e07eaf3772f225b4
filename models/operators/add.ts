import { equalShapes, type Shape } from '../shapes.js';

/** a + b, element by element. Shapes: any, twice the same → the same. Throws where the two differ. */
export interface Add<T> {
  add(a: T, b: T): T;
}

declare module '../operators.js' {
  interface Operators<T> extends Add<T> {}
}

export const shapes = (): Add<Shape> => ({ add: equalShapes });
