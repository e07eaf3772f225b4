import type { Shape } from '../shapes.js';

/** Shapes: [b, m, n] → the same. Source: paddle.nn.functional.normalize. */
export interface L2Normalize<T> {
  /** x / max(‖x‖₂ over `axis` of [b, m, n], epsilon). */
  l2Normalize(x: T, options: { axis: 1 | 2; epsilon: number }): T;
}

declare module '../operators.js' {
  interface Operators<T> extends L2Normalize<T> {}
}

export const shapes = (): L2Normalize<Shape> => ({ l2Normalize: (x) => x });
