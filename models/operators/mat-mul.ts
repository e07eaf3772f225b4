import { expectShape, type Shape } from '../shapes.js';

/** Shapes: [b, m, k], [b, k, n] → [b, m, n]. Throws where b or k differ. Source: paddle.bmm. */
export interface MatMul<T> {
  /** Product of the last two axes, [b, m, k] · [b, k, n]; a flag transposes an operand's last two axes first. */
  matMul(a: T, b: T, options?: { transposeA?: boolean; transposeB?: boolean }): T;
}

declare module '../operators.js' {
  interface Operators<T> extends MatMul<T> {}
}

export const shapes = (): MatMul<Shape> => ({ matMul: product });

function product(a: Shape, b: Shape, options: { transposeA?: boolean; transposeB?: boolean } = {}): Shape {
  const oriented = ([batch = 0, m = 0, n = 0]: Shape, flip = false): [number, number, number] =>
    flip ? [batch, n, m] : [batch, m, n];
  const [batch, rows, inner] = oriented(a, options.transposeA);
  const right = oriented(b, options.transposeB);
  expectShape(right, [batch, inner, right[2]], 'the right factor');
  return [batch, rows, right[2]];
}
