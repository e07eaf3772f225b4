import type { Shape } from '../shapes.js';

/** x + scalar. Shapes: any → the same. */
export interface AddScalar<T> {
  addScalar(x: T, scalar: number): T;
}

declare module '../operators.js' {
  interface Operators<T> extends AddScalar<T> {}
}

export const shapes = (): AddScalar<Shape> => ({ addScalar: (x) => x });
