import { formatFixed } from './numpy-text.js';

/** How far evaluations that draw their own random bases lie apart. */
export interface Spread {
  readonly mIoU: readonly number[];
  readonly mean: number;
  readonly min: number;
  readonly max: number;
  /** Of a sample: n − 1. */
  readonly deviation: number;
}

/** Range: two figures or more. */
export function measureSpread(mIoU: readonly number[]): Spread {
  const mean = mIoU.reduce((sum, value) => sum + value, 0) / mIoU.length;
  const squares = mIoU.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return {
    mIoU,
    mean,
    min: Math.min(...mIoU),
    max: Math.max(...mIoU),
    deviation: Math.sqrt(squares / (mIoU.length - 1)),
  };
}

export function renderSpread({ mIoU, mean, min, max, deviation }: Spread): string {
  const four = (value: number) => formatFixed(value, 4);
  return `mIoU of ${mIoU.length} evaluations, each with random bases of its own: ${four(min)} to ${four(max)}, mean ${four(mean)}, standard deviation ${four(deviation)}`;
}
