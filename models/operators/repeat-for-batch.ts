import { mapSizes, type Shape } from '../shapes.js';

/**
 * Shapes: as the text says. Throws where `like` is not a feature map.
 * Source: paddle.repeat_interleave of the bases in models/layers/nmf_2d.py.
 */
export interface RepeatForBatch<T> {
  /**
   * Each entry of the first axis as often in a row as the feature map `like` has batch entries: [s, m, n] → [s·b, m,
   * n].
   */
  repeatForBatch(x: T, like: T): T;
}

declare module '../operators.js' {
  interface Operators<T> extends RepeatForBatch<T> {}
}

export const shapes = (): RepeatForBatch<Shape> => ({
  repeatForBatch: (x, like) => [x[0]! * mapSizes(like)[0], ...x.slice(1)],
});
