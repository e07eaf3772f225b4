import type { Shape } from '../shapes.js';

/** Shapes: any → the same. Source: paddle.nn.functional.softmax. */
export interface Softmax<T> {
  /** Of scale · x over the last axis; scale is 1 by default. */
  softmax(x: T, options?: { scale: number }): T;
}

declare module '../operators.js' {
  interface Operators<T> extends Softmax<T> {}
}

export const shapes = (): Softmax<Shape> => ({ softmax: (x) => x });
