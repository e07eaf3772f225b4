import { channelsOf, expectShape, type Shape, type ShapeContext } from '../shapes.js';

/**
 * Shapes: [b, c, h, w] → the same. Throws where the parameter is not [c, 1, 1].
 * Source: `layer_scale_1` of `Block` in models/backbones/mscan.py.
 */
export interface ScaleChannels<T> {
  /** A feature map times the parameter `name`, shaped [c, 1, 1]. */
  scaleChannels(x: T, name: string): T;
}

declare module '../operators.js' {
  interface Operators<T> extends ScaleChannels<T> {}
}

export const shapes = (context: ShapeContext): ScaleChannels<Shape> => ({
  scaleChannels(x, name) {
    expectShape(context.read(name), [channelsOf(x), 1, 1], name);
    return x;
  },
});
