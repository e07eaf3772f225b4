import { UserError } from '../../harness/support/errors.js';
import type { Blend } from './blend.js';

/**
 * NaN would be no class's largest value, and the pixel of class 0 without a word.
 * @throws UserError that names the picture
 */
export function validateFinite(blend: Blend, picture: string): void {
  const found = findNonFinite(blend);
  if (found === null) return;
  throw new UserError(
    `Cannot infer ${picture}: the network gives ${found.value} for class ${found.channel}; finite scores are wanted. Fix: look for NaN or too large numbers in the weights`,
  );
}

/** The first score that is NaN or Inf, or null. */
export function findNonFinite({ terms }: Blend): { readonly value: number; readonly channel: number } | null {
  for (const { planes } of terms) {
    const { height, width, data } = planes;
    let at = 0;
    while (at < data.length && Number.isFinite(data[at])) at++;
    if (at < data.length) return { value: data[at]!, channel: Math.floor(at / (height * width)) };
  }
  return null;
}
