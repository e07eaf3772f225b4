import type { Shape, ShapeContext } from '../shapes.js';

/**
 * Shapes: [b, c, h, w] → the same; every parameter and statistic is [c], and throws where one is not.
 * Source: paddle.nn.BatchNorm2D.
 */
export interface BatchNorm<T> {
  /**
   * (x − mean) / sqrt(variance + epsilon) · weight + bias, per channel, with the running statistics; in training with
   * the batch's, the variance biased, and running = 0.9 · running + 0.1 · batch. The reference keeps the biased
   * variance; `runningVariance` is for networks of frameworks that keep the unbiased one.
   */
  batchNorm(x: T, name: string, options: { epsilon: number; runningVariance?: 'biased' | 'unbiased' }): T;
}

declare module '../operators.js' {
  interface Operators<T> extends BatchNorm<T> {}
}

export const shapes = (context: ShapeContext): BatchNorm<Shape> => ({
  batchNorm: (x, name) => context.readPerChannel(x, name, ['weight', 'bias', '_mean', '_variance']),
});
