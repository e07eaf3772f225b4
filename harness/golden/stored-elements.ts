import { type ArrayData, type Dtype, elementCount } from '../contract/nd-array.js';

/** Element types that files hold beside those of bundles. `bf16` is bfloat16: the upper half of a float32. */
export type StoredCode = Dtype | 'f2' | 'bf16' | 'i1' | 'i2' | 'u2' | 'u4';

/** How an array's elements stand in a file. */
export interface StoredLayout {
  readonly code: StoredCode;
  readonly bigEndian: boolean;
  /** First axis fastest. */
  readonly fortran: boolean;
}

/** Bytes of an element. */
export const storedSizes: Readonly<Record<StoredCode, number>> = {
  ...{ f4: 4, f8: 8, i4: 4, i8: 8, u1: 1, b1: 1 },
  ...{ f2: 2, bf16: 2, i1: 1, i2: 2, u2: 2, u4: 4 },
};

/** The dtype that holds every value of `code` exactly. */
export function dtypeFor(code: StoredCode): Dtype {
  return widened[code] ?? (code as Dtype);
}

/** Elements of any layout, copied, in C order and in the dtype that holds them exactly. */
export function decodeStored(bytes: Uint8Array, layout: StoredLayout, shape: readonly number[]): ArrayData[Dtype] {
  const { code, bigEndian, fortran } = layout;
  const own = new Uint8Array(bytes);
  if (bigEndian) swapBytes(own, storedSizes[code]);
  const values = readers[code](own.buffer);
  return fortran && shape.filter((extent) => extent > 1).length > 1 ? toCOrder(values, shape) : values;
}

const widened: Readonly<Partial<Record<StoredCode, Dtype>>> = {
  ...{ f2: 'f4', bf16: 'f4', i1: 'i4', i2: 'i4', u2: 'i4', u4: 'i8' },
};

const readers: Readonly<Record<StoredCode, (buffer: ArrayBuffer) => ArrayData[Dtype]>> = {
  f4: (buffer) => new Float32Array(buffer),
  f8: (buffer) => new Float64Array(buffer),
  i4: (buffer) => new Int32Array(buffer),
  i8: (buffer) => new BigInt64Array(buffer),
  u1: (buffer) => new Uint8Array(buffer),
  b1: (buffer) => new Uint8Array(buffer),
  f2: (buffer) => Float32Array.from(new Uint16Array(buffer), halfToFloat),
  bf16: (buffer) => new Float32Array(Uint32Array.from(new Uint16Array(buffer), (half) => half * 2 ** 16).buffer),
  i1: (buffer) => Int32Array.from(new Int8Array(buffer)),
  i2: (buffer) => Int32Array.from(new Int16Array(buffer)),
  u2: (buffer) => Int32Array.from(new Uint16Array(buffer)),
  u4: (buffer) => BigInt64Array.from(new Uint32Array(buffer) as unknown as ArrayLike<bigint>, BigInt),
};

/** IEEE 754 binary16: a sign, 5 bits of exponent, 10 of fraction. */
function halfToFloat(half: number): number {
  const sign = half >= 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

function swapBytes(bytes: Uint8Array, size: number): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (size === 2) buffer.swap16();
  else if (size === 4) buffer.swap32();
  else if (size === 8) buffer.swap64();
}

function toCOrder<T extends ArrayData[Dtype]>(values: T, shape: readonly number[]): T {
  const strides = shape.map((_, axis) => elementCount(shape.slice(0, axis)));
  return gather(values, shape, strides);
}

/** The elements of a view in C order, copied. @param strides in elements, of each axis; the first element is at 0 */
export function gather<T extends ArrayData[Dtype]>(values: T, shape: readonly number[], strides: readonly number[]): T {
  const ordered = new (values.constructor as new (length: number) => T)(elementCount(shape));
  const index = shape.map(() => 0);
  let from = 0;
  for (let to = 0; to < ordered.length; to++) {
    ordered[to] = values[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return ordered;
}
