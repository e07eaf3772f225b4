import type { ArrayData, Dtype } from '../support/nd-array.js';

/** Little-endian bytes, copied, as the elements of a dtype. */
export function typedElements(dtype: Dtype, bytes: Uint8Array): ArrayData[Dtype] {
  const { buffer } = new Uint8Array(bytes);
  switch (dtype) {
    case 'f4':
      return new Float32Array(buffer);
    case 'f8':
      return new Float64Array(buffer);
    case 'i4':
      return new Int32Array(buffer);
    case 'i8':
      return new BigInt64Array(buffer);
    default:
      return new Uint8Array(buffer);
  }
}
