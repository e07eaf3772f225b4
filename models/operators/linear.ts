import { expectShape, type Shape, type ShapeContext } from '../shapes.js';

/** Shapes: [b, i] → [b, o]. Throws where the weight is not [i, o] or the bias not [o]. Source: paddle.nn.Linear. */
export interface Linear<T> {
  /** A vector for each sample times `<name>.weight`, plus `<name>.bias`. */
  linear(x: T, name: string): T;
}

declare module '../operators.js' {
  interface Operators<T> extends Linear<T> {}
}

export const shapes = (context: ShapeContext): Linear<Shape> => ({
  linear([batch = 0, ...inputs], name) {
    const [, outputs = 0] = context.read(`${name}.weight`);
    expectShape(context.read(`${name}.weight`), [...inputs, outputs], `${name}.weight`);
    expectShape(context.read(`${name}.bias`), [outputs], `${name}.bias`);
    return [batch, outputs];
  },
});
