import type { Shape } from '../shapes.js';

/** Shapes: those of what `body` returns. */
export interface Scope<T> {
  /** A part of a forward after which only its result is needed; an eager engine frees the rest. */
  scope(body: () => T): T;
}

declare module '../operators.js' {
  interface Operators<T> extends Scope<T> {}
}

export const shapes = (): Scope<Shape> => ({ scope: (body) => body() });
