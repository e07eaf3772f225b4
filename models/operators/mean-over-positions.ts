import { mapSizes, type Shape } from '../shapes.js';

/** Shapes: [b, c, h, w] → [b, c]. Throws where x is not a feature map. Source: x.mean(axis=1) of tokens, in van.py. */
export interface MeanOverPositions<T> {
  /** The mean of each channel: a vector for each sample. */
  meanOverPositions(x: T): T;
}

declare module '../operators.js' {
  interface Operators<T> extends MeanOverPositions<T> {}
}

export const shapes = (): MeanOverPositions<Shape> => ({ meanOverPositions: (x) => mapSizes(x).slice(0, 2) });
