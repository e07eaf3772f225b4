import type { NdArray } from '../harness/contract/nd-array.js';
import { UserError } from '../harness/support/errors.js';
import { copyInt64 } from '../harness/support/int64-numbers.js';

/**
 * Throws a UserError for a class number that the network does not have and the loss does not ignore. `label`: [b, h,
 * w].
 */
export function validateLabels({ data, shape }: NdArray<'i8'>, classes: number, ignoreIndex: number): void {
  const labels = copyInt64(data, new Float64Array(data.length));
  const wrong = labels.findIndex((label) => !(label >= 0 && label < classes) && label !== ignoreIndex);
  if (wrong < 0) return;
  const [, height = 1, width = 1] = shape;
  const image = Math.floor(wrong / (height * width));
  const row = Math.floor(wrong / width) % height;
  throw new UserError(
    `Cannot train on the labels: image ${image} has ${data[wrong]} in row ${row}, column ${wrong % width}; 0 to ${classes - 1}, or ${ignoreIndex} for a pixel that is ignored, is wanted`,
  );
}
