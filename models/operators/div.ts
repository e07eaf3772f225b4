import { equalShapes, type Shape } from '../shapes.js';

/** a / b, element by element. Shapes: any, twice the same → the same. Throws where the two differ. */
export interface Div<T> {
  div(a: T, b: T): T;
}

declare module '../operators.js' {
  interface Operators<T> extends Div<T> {}
}

export const shapes = (): Div<Shape> => ({ div: equalShapes });
