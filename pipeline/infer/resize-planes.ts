import { computeBlend } from './blend.js';
import type { Planes } from './planes.js';

/** Bilinear, half-pixel centres, edges repeated, in the type of the data; `planes` itself where the size stays. */
export function resizePlanes<Data extends Float32Array | Float64Array>(
  planes: Planes<Data>,
  height: number,
  width: number,
): Planes<Data> {
  if (height === planes.height && width === planes.width) return planes;
  const { channels } = planes;
  const terms = [{ planes, through: [{ height, width }] }];
  return computeBlend({ channels, height, width, terms, divisor: 1 }) as Planes<Data>;
}
