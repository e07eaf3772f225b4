import type { GivenResult } from '../../harness/contract/port.js';
import type { Planes } from './planes.js';

/**
 * What a user's model calls logits may be probabilities, whatever operators made them: at every pixel their sum is 1.
 */
export const bySum: GivenResult = { holds: 'probabilities', by: 'numbers from 0 to 1 whose sum is 1 at every pixel' };

/** Whether scores are probabilities, by a few of their pixels. Logits are told by the first or the second of them. */
export function areProbabilities({ channels, height, width, data }: Planes): boolean {
  const pixels = height * width;
  if (channels < 2 || pixels === 0) return false;
  const step = Math.max(1, Math.floor(pixels / seenPixels));
  for (let pixel = 0; pixel < pixels; pixel += step) {
    let sum = 0;
    for (let c = 0; c < channels; c++) {
      const value = data[c * pixels + pixel]!;
      if (!(value >= 0 && value <= 1)) return false;
      sum += value;
    }
    if (!(Math.abs(sum - 1) <= rounding)) return false;
  }
  return true;
}

const seenPixels = 256;
/** Of probabilities in float16, over some hundred classes. */
const rounding = 1e-2;
