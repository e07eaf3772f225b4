import type { Shape } from '../shapes.js';

/** max(x, 0). Shapes: any → the same. Source: paddle.nn.functional.relu. */
export interface Relu<T> {
  relu(x: T): T;
}

declare module '../operators.js' {
  interface Operators<T> extends Relu<T> {}
}

export const shapes = (): Relu<Shape> => ({ relu: (x) => x });
