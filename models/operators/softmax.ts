import type { Shape } from '../shapes.js';

/** Shapes: any → the same. Source: paddle.nn.functional.softmax. */
export interface Softmax<T> {
  /** Over the last axis. */
  softmax(x: T): T;
}

declare module '../operators.js' {
  interface Operators<T> extends Softmax<T> {}
}

export const shapes = (): Softmax<Shape> => ({ softmax: (x) => x });
