import type { Shape } from '../shapes.js';

/** x + scalar. Shapes: any → the same. */
export interface AddScalar<T> {
  addScalar(x: T, scalar: number): T;
}

export const shapes = (): AddScalar<Shape> => ({ addScalar: (x) => x });
