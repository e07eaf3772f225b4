import { elementCount, sameShape } from '../harness/contract/nd-array.js';
import { dataTypes, type TensorProto } from './model-proto.js';

/** The values of a float32 tensor; null for another type, and where they are not there in full. */
export function readFloats({ dataType, dims, rawData, floatData = [] }: TensorProto): Float32Array | null {
  const count = elementCount((dims ?? []).map(Number));
  if (dataType !== dataTypes.float32) return null;
  if (rawData === undefined) return floatData.length === count ? Float32Array.from(floatData) : null;
  if (rawData.byteLength !== count * Float32Array.BYTES_PER_ELEMENT) return null;
  return new Float32Array(Uint8Array.from(rawData).buffer);
}

/** Whether all elements are alike, as of a fresh norm. It is equal in many models, and tells nothing. */
export function isConstant(values: Float32Array): boolean {
  return values.every((value) => value === values[0]);
}

/** The same for the same values in any order; with other values hardly ever. */
export function fingerprint(values: Float32Array): string {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  let [first, second] = [0, 0];
  for (const bit of bits) {
    let mixed = Math.imul(bit ^ (bit >>> 16), 0x7feb352d);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b);
    first = (first + (mixed ^ (mixed >>> 16))) | 0;
    second = (second + Math.imul(mixed, mixed | 1)) | 0;
  }
  return `${values.length}/${first}/${second}`;
}

/** Whether its elements stand in the order of the shape: sizes of 1 may be there or not. */
export function sameOrder({ dims = [] }: TensorProto, shape: readonly number[]): boolean {
  return sameShape(squeezed(dims.map(Number)), squeezed(shape));
}

/** `same` or `transposed`, if the tensor holds exactly these values, to the last bit; else null. */
export function findOrder(
  tensor: TensorProto,
  shape: readonly number[],
  data: Float32Array,
): 'same' | 'transposed' | null {
  const own = readFloats(tensor);
  if (own === null || own.length !== data.length) return null;
  if (sameOrder(tensor, shape) && own.every((value, at) => value === data[at])) return 'same';
  const sizes = squeezed(shape);
  const theirs = squeezed((tensor.dims ?? []).map(Number));
  if (sizes.length < 2 || sizes.length > 4) return null;
  for (const axes of permutations(sizes.length)) {
    if (!axes.every((axis, at) => theirs[at] === sizes[axis])) continue;
    if (isTransposed(own, data, sizes, axes)) return 'transposed';
  }
  return null;
}

/** Whether the values are those, but for a tenth of them in rms. */
export function isNear(actual: Float32Array | null, expected: Float32Array): boolean {
  if (actual === null || actual.length !== expected.length) return false;
  let [errors, squares] = [0, 0];
  for (const [at, value] of expected.entries()) {
    errors += (actual[at]! - value) ** 2;
    squares += value * value;
  }
  return errors <= nearest ** 2 * squares && squares > 0;
}

const nearest = 0.1;

function squeezed(shape: readonly number[]): number[] {
  return shape.filter((size) => size !== 1);
}

function permutations(count: number): number[][] {
  if (count === 0) return [[]];
  return permutations(count - 1).flatMap((rest) =>
    Array.from({ length: count }, (_, at) => [...rest.slice(0, at), count - 1, ...rest.slice(at)]),
  );
}

/** Whether `own` is `data`, of these sizes, with its axes in another order. */
function isTransposed(own: Float32Array, data: Float32Array, sizes: readonly number[], axes: readonly number[]) {
  const strides = sizes.map((_, axis) => elementCount(sizes.slice(axis + 1)));
  const steps = axes.map((axis) => strides[axis]!);
  const extents = axes.map((axis) => sizes[axis]!);
  const index = extents.map(() => 0);
  let from = 0;
  for (const value of own) {
    if (value !== data[from]) return false;
    for (let axis = extents.length - 1; axis >= 0; axis--) {
      from += steps[axis]!;
      if (++index[axis]! < extents[axis]!) break;
      from -= steps[axis]! * extents[axis]!;
      index[axis] = 0;
    }
  }
  return true;
}
