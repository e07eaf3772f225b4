import type { Shape } from '../shapes.js';

/** Shapes: any → the same. Source: paddle.no_grad, and `detach` of a tensor. */
export interface Detach<T> {
  /** x as a constant: no gradient goes back through it. */
  detach(x: T): T;
}

declare module '../operators.js' {
  interface Operators<T> extends Detach<T> {}
}

export const shapes = (): Detach<Shape> => ({ detach: (x) => x });
