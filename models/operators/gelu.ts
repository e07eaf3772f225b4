import type { Shape } from '../shapes.js';

/** Shapes: any → the same. Source: paddle.nn.functional.gelu. */
export interface Gelu<T> {
  /** The exact form, x · Φ(x), with erf; or its tanh approximation, 0.5 x (1 + tanh(√(2/π) (x + 0.044715 x³))). */
  gelu(x: T, options?: { approximate: 'none' | 'tanh' }): T;
}

declare module '../operators.js' {
  interface Operators<T> extends Gelu<T> {}
}

export const shapes = (): Gelu<Shape> => ({ gelu: (x) => x });
