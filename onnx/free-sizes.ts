import type { ValueInfoProto } from './model-proto.js';

/** Which sizes of the image a file leaves open. */
export interface FreeSizes {
  readonly batch: boolean;
  readonly height: boolean;
  readonly width: boolean;
}

/**
 * As the input declares them: by a name, or as exporters write an open size (0, −1). An input that says nothing of its
 * sizes promises nothing.
 * @param last whether it is [b, h, w, c]
 */
export function findFreeSizes({ type }: ValueInfoProto, last: boolean): FreeSizes {
  const dims = type?.tensorType?.shape?.dim ?? [];
  const isFree = (axis: number) => dims.length === 4 && !((dims[axis]!.dimValue ?? 0n) > 0n);
  return { batch: isFree(0), height: isFree(last ? 1 : 2), width: isFree(last ? 2 : 3) };
}

/**
 * A larger size that a network takes if it takes this one: what divides both free sizes divides the larger ones, too,
 * and equal ones stay equal. A map of a 64th of the image's size grows as well.
 */
export function largerSize(
  [b = 0, c = 0, h = 0, w = 0]: readonly number[],
  { height, width }: FreeSizes,
): readonly [number, number, number, number] {
  const common = greatestDivisor(height ? h : 0, width ? w : 0);
  const step = common * Math.ceil(leastStep / common);
  return [b, c, height ? h + step : h, width ? w + step : w];
}

/** Networks divide an image by 32, and some of their maps by 64. */
const leastStep = 64;

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}
