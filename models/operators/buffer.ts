import type { Shape, ShapeContext } from '../shapes.js';

/** Shapes: as the model declares it. Throws where it declares no such buffer. */
export interface Buffer<T> {
  /** A registered buffer of the reference that is not a statistic of a norm, for example fixed NMF bases. */
  buffer(name: string): T;
}

declare module '../operators.js' {
  interface Operators<T> extends Buffer<T> {}
}

export const shapes = (context: ShapeContext): Buffer<Shape> => ({ buffer: context.read });
