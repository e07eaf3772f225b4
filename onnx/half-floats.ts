import { decodeStored } from '../harness/golden/stored-elements.js';

/** The numbers of float16, exactly. */
export function widenHalves(halves: Uint16Array): Float32Array {
  const bytes = new Uint8Array(halves.buffer, halves.byteOffset, halves.byteLength);
  const layout = { code: 'f2', bigEndian: false, fortran: false } as const;
  return decodeStored(bytes, layout, [halves.length]) as Float32Array;
}

/** Rounded to nearest, ties to even, as engines and NumPy do. */
export function roundToHalves(values: Float32Array): Uint16Array {
  return Uint16Array.from(new Uint32Array(values.buffer, values.byteOffset, values.length), halfOf);
}

const number = new Float32Array(1);
const bitsOfNumber = new Uint32Array(number.buffer);

/** Of the bits of a float32. */
function halfOf(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const size = bits & 0x7fffffff;
  if (size > 0x7f800000) return sign | 0x7e00;
  // From 65520 on, which is halfway between the largest and what would follow.
  if (size >= 0x477ff000) return sign | 0x7c00;
  if (size >= 0x38800000) return sign | ((size - 0x38000000 + 0xfff + ((size >>> 13) & 1)) >>> 13);
  // Below 2^-14 halves are 2^-24 apart, as float32 is from 0.5 on: the sum with 0.5 is rounded as wanted.
  bitsOfNumber[0] = size;
  number[0] = number[0]! + 0.5;
  return sign | (bitsOfNumber[0]! - 0x3f000000);
}
