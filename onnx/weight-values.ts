import { elementCount, sameShape } from '../harness/contract/nd-array.js';
import { gather } from '../harness/golden/stored-elements.js';
import { roundToHalves, widenHalves } from './half-floats.js';
import { dataTypes, type TensorProto } from './model-proto.js';

/**
 * The values of a tensor of float32 or float16; null for another type, and where they are not there in full. Of float16
 * they are as `roundAsFile` gives them.
 */
export function readFloats(tensor: TensorProto): Float32Array | null {
  const { dataType, dims, rawData, floatData = [] } = tensor;
  const count = elementCount((dims ?? []).map(Number));
  if (dataType === dataTypes.float16) return readHalves(tensor, count);
  if (dataType !== dataTypes.float32) return null;
  if (rawData === undefined) return floatData.length === count ? Float32Array.from(floatData) : null;
  if (rawData.byteLength !== count * Float32Array.BYTES_PER_ELEMENT) return null;
  // Weights are looked at many times. A copy is made only of what does not stand at a multiple of four.
  const { buffer, byteOffset } = rawData;
  if (byteOffset % Float32Array.BYTES_PER_ELEMENT === 0) return new Float32Array(buffer, byteOffset, count);
  const known = aligned.get(rawData) ?? new Float32Array(Uint8Array.from(rawData).buffer);
  aligned.set(rawData, known);
  return known;
}

const aligned = new WeakMap<Uint8Array, Float32Array>();

function readHalves({ rawData, int32Data = [] }: TensorProto, count: number): Float32Array | null {
  if (rawData === undefined) return int32Data.length === count ? settleHalves(Uint16Array.from(int32Data)) : null;
  if (rawData.byteLength !== count * Uint16Array.BYTES_PER_ELEMENT) return null;
  const known = aligned.get(rawData) ?? settleHalves(new Uint16Array(Uint8Array.from(rawData).buffer));
  aligned.set(rawData, known);
  return known;
}

export function isHalf({ dataType }: TensorProto): boolean {
  return dataType === dataTypes.float16;
}

/** What a file in float16 holds for these values. */
export function roundAsFile(values: Float32Array): Float32Array {
  return settleHalves(roundToHalves(values));
}

/**
 * Numbers of up to 2^-23 are 0: converters make 1e-7 of those that float16 would lose (min_positive_val of
 * onnxconverter-common's float16.py).
 */
function settleHalves(halves: Uint16Array): Float32Array {
  return widenHalves(halves).map((value) => (Math.abs(value) <= 2 ** -23 ? 0 : value));
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

/** `same` or `transposed`, if it holds these values to the last bit, or what float16 has for them; else null. */
export function findOrder(
  tensor: TensorProto,
  shape: readonly number[],
  data: Float32Array,
): 'same' | 'transposed' | null {
  const own = readFloats(tensor);
  if (own === null || own.length !== data.length) return null;
  const expected = isHalf(tensor) ? roundAsFile(data) : data;
  if (sameOrder(tensor, shape) && own.every((value, at) => value === expected[at])) return 'same';
  const sizes = squeezed(shape);
  const theirs = squeezed((tensor.dims ?? []).map(Number));
  if (sizes.length < 2 || sizes.length > 4) return null;
  for (const axes of permutations(sizes.length)) {
    if (!axes.every((axis, at) => theirs[at] === sizes[axis])) continue;
    if (isTransposed(own, expected, sizes, axes)) return 'transposed';
  }
  return null;
}

/** Whether the values are those, but for a tenth of them in rms. Of most others few elements are looked at. */
export function isNear(actual: Float32Array | null, expected: Float32Array, squares = sumOfSquares(expected)): boolean {
  if (actual === null || actual.length !== expected.length || !(squares > 0)) return false;
  const most = nearest ** 2 * squares;
  let errors = 0;
  for (let at = 0; at < expected.length; at++) {
    errors += (actual[at]! - expected[at]!) ** 2;
    // Written so that NaN ends it.
    if (!(errors <= most)) return false;
  }
  return true;
}

export function sumOfSquares(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return sum;
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
  const turned = gather(
    data,
    axes.map((axis) => sizes[axis]!),
    axes.map((axis) => strides[axis]!),
  );
  return turned.every((value, at) => value === own[at]);
}
