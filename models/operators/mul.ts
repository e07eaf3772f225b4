import { equalShapes, type Shape } from '../shapes.js';

/** a · b, element by element. Shapes: any, twice the same → the same. Throws where the two differ. */
export interface Mul<T> {
  mul(a: T, b: T): T;
}

declare module '../operators.js' {
  interface Operators<T> extends Mul<T> {}
}

export const shapes = (): Mul<Shape> => ({ mul: equalShapes });
