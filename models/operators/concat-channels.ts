import { channelsOf, expectShape, mapSizes, type Shape } from '../shapes.js';

/**
 * Shapes: [b, cᵢ, h, w] → [b, Σ cᵢ, h, w]. Throws where b, h or w differ, or nothing is given.
 * Source: paddle.concat along axis 1.
 */
export interface ConcatChannels<T> {
  /** Feature maps joined along their channels. */
  concatChannels(xs: readonly T[]): T;
}

declare module '../operators.js' {
  interface Operators<T> extends ConcatChannels<T> {}
}

export const shapes = (): ConcatChannels<Shape> => ({ concatChannels: joined });

function joined(xs: readonly Shape[]): Shape {
  const [first, ...rest] = xs.map(mapSizes);
  if (first === undefined) throw new Error('nothing to join');
  for (const x of rest) expectShape([x[0], x[2], x[3]], [first[0], first[2], first[3]], 'what is joined');
  return [first[0], xs.reduce((sum, x) => sum + channelsOf(x), 0), first[2], first[3]];
}
