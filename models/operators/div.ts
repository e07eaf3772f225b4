import { expectShape, type Shape } from '../shapes.js';

/**
 * a / b, element by element. Shapes: any, the same or 1 in an axis → that of a. Throws where another size differs.
 */
export interface Div<T> {
  /** b is repeated along each axis in which it has the size 1. */
  div(a: T, b: T): T;
}

declare module '../operators.js' {
  interface Operators<T> extends Div<T> {}
}

export const shapes = (): Div<Shape> => ({
  div(a, b) {
    const wanted = a.map((size, axis) => (b[axis] === 1 ? 1 : size));
    expectShape(b, wanted, 'the second operand');
    return a;
  },
});
