import type { Shape, ShapeContext } from '../shapes.js';

/** Shapes: as the model declares it. Throws where it declares no such draw. */
export interface Draw<T> {
  /** What the reference draws at random under this name, given from outside. */
  draw(name: string): T;
}

declare module '../operators.js' {
  interface Operators<T> extends Draw<T> {}
}

export const shapes = (context: ShapeContext): Draw<Shape> => ({ draw: context.draw });
