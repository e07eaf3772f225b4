import type { Shape } from '../shapes.js';

/** Shapes: [b, m, n] → [b, 1, n] or [b, m, 1]. Range: x ≥ 0 for order 1. Source: paddle.sum, paddle.linalg.norm. */
export interface Norm<T> {
  /** (Σ xᵏ)^(1/k) over `axis` of [b, m, n] for the order k: of what is detached. */
  norm(x: T, options: { axis: 1 | 2; order: 1 | 2 }): T;
}

declare module '../operators.js' {
  interface Operators<T> extends Norm<T> {}
}

export const shapes = (): Norm<Shape> => ({
  norm: (x, { axis }) => x.map((size, at) => (at === axis ? 1 : size)),
});
