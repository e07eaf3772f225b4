import { channelsOf, divide, type Shape, type ShapeContext } from '../shapes.js';

/**
 * Shapes: [b, c, h, w] → the same; weight and bias are [c]. Throws where they are not, or the channels make no whole
 * groups. Source: paddle.nn.GroupNorm.
 */
export interface GroupNorm<T> {
  /** Normalises each of `groups` groups of channels over channels and positions, then weight and bias per channel. */
  groupNorm(x: T, name: string, options: { groups: number; epsilon: number }): T;
}

declare module '../operators.js' {
  interface Operators<T> extends GroupNorm<T> {}
}

export const shapes = (context: ShapeContext): GroupNorm<Shape> => ({
  groupNorm(x, name, { groups }) {
    divide(channelsOf(x), groups, name);
    return context.readPerChannel(x, name, ['weight', 'bias']);
  },
});
