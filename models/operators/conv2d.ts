import { type ConvOptions, convolvedSize } from '../conv-options.js';
import { divide, expectShape, mapSizes, type Shape, type ShapeContext } from '../shapes.js';

/**
 * Shapes: [b, c, h, w] → [b, out, ⌊(h + top + bottom − reach) / down⌋ + 1, ⌊(w + left + right − reach) / across⌋ + 1],
 * with a reach of (k − 1) · dilation + 1.
 * Throws where the channels are not those of the kernel, or make no whole groups. Source: paddle.nn.Conv2D.
 */
export interface Conv2d<T> {
  /**
   * Convolution over a feature map. `<name>.weight` is [out, in / groups, kh, kw]; `<name>.bias` is [out]. Pads with
   * zeros.
   */
  conv2d(x: T, name: string, options: ConvOptions): T;
}

declare module '../operators.js' {
  interface Operators<T> extends Conv2d<T> {}
}

export const shapes = (context: ShapeContext): Conv2d<Shape> => ({
  conv2d(x, name, options) {
    const weight = context.read(`${name}.weight`);
    if (options.bias) expectShape(context.read(`${name}.bias`), weight.slice(0, 1), `${name}.bias`);
    return convolved(x, weight, name, options);
  },
});

function convolved(x: Shape, weight: Shape, name: string, options: ConvOptions): Shape {
  const { groups } = options;
  const [b, c, h, w] = mapSizes(x);
  const [out, inner, kernelHeight, kernelWidth] = mapSizes(weight);
  if (inner !== divide(c, groups, name)) throw new Error(`${name} takes ${inner * groups} channels; ${c} are given`);
  divide(out, groups, name);
  return [b, out, ...convolvedSize([h, w], [kernelHeight, kernelWidth], options)];
}
