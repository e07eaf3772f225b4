import { UserError } from '../../harness/support/errors.js';
import type { Blend } from './blend.js';

/**
 * NaN would be no class's largest value, and the pixel of class 0 without a word.
 * @throws UserError that names the picture
 */
export function validateFinite({ terms }: Blend, picture: string): void {
  for (const { planes } of terms) {
    const { height, width, data } = planes;
    let at = 0;
    while (at < data.length && Number.isFinite(data[at])) at++;
    if (at === data.length) continue;
    const channel = Math.floor(at / (height * width));
    throw new UserError(
      `Cannot infer ${picture}: the network gives ${data[at]} for class ${channel}; finite scores are wanted. Fix: look for NaN or too large numbers in the weights`,
    );
  }
}
