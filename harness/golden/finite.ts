import type { ArrayData, Dtype } from '../contract/nd-array.js';
import { UserError } from '../support/errors.js';

/** Throws a UserError that names the first element which is NaN or infinite. Integers are finite. */
export function validateFinite(data: ArrayData[Dtype], source: string): void {
  if (!(data instanceof Float32Array || data instanceof Float64Array)) return;
  for (let at = 0; at < data.length; at++) {
    const value = data[at]!;
    // x − x is NaN for NaN and for both infinities.
    if (value - value !== 0) {
      throw new UserError(`Cannot read ${source}: element ${at} is ${value}; finite numbers are wanted`);
    }
  }
}
