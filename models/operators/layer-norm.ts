import type { Shape, ShapeContext } from '../shapes.js';

/**
 * Shapes: [b, c, h, w] → the same; weight and bias are [c], and throws where one is not.
 * Source: paddle.nn.LayerNorm, which sees [b, h · w, c].
 */
export interface LayerNorm<T> {
  /**
   * Normalises each position of a feature map over its channels (the biased variance), then weight and bias per
   * channel.
   */
  layerNorm(x: T, name: string, options: { epsilon: number }): T;
}

declare module '../operators.js' {
  interface Operators<T> extends LayerNorm<T> {}
}

export const shapes = (context: ShapeContext): LayerNorm<Shape> => ({
  layerNorm: (x, name) => context.readPerChannel(x, name, ['weight', 'bias']),
});
