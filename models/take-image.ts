import { type Float32NdArray, float32NdArray, type NdArray } from '../harness/contract/nd-array.js';
import { EnvironmentError } from '../harness/support/errors.js';

/**
 * What a model of images is given: one, float32 [b, c, h, w].
 * @throws EnvironmentError where it is missing or of another type, or where something else is given
 */
export function takeImage(inputs: ReadonlyMap<string, NdArray>): Float32NdArray {
  const image = inputs.get('image');
  if (image === undefined || inputs.size > 1)
    throw new EnvironmentError(
      `the model takes image; the bundle has ${[...inputs.keys()].join(' and ') || 'nothing'}`,
    );
  const { dtype, shape, data } = image;
  if (data instanceof Float32Array && shape.length === 4) return float32NdArray(shape, data);
  throw new EnvironmentError(
    `the model takes image as f4 [b, c, h, w]; the bundle has it as ${dtype} [${shape.join(', ')}]`,
  );
}
