import { parse as decode } from 'npyjs';
import { type ArrayData, type Dtype, elementCount, type NdArray } from '../support/nd-array.js';
import { itemSizes, type NpyHeader, npyError, parseNpyHeader } from './npy-header.js';

/**
 * Parses a whole .npy file (formats 1.0 to 3.0, little-endian, C order, f4 f8 i4 i8 u1 b1) into an array of its own.
 * The header's text is judged here, strictly; npyjs, which believes what it reads, decodes what has passed.
 * @param source names the file, and the key in it, for errors
 * @throws UserError for a truncated file, trailing bytes and whatever `parseNpyHeader` refuses
 */
export function parseNpy(bytes: Uint8Array, source: string): NdArray {
  const header = parseNpyHeader(bytes, source);
  if (header === null)
    throw npyError(source, `it ends within its header, after ${bytes.length} bytes`, 'a whole file is wanted');
  if (bytes.length !== header.byteLength) {
    const fault = bytes.length < header.byteLength ? 'is truncated' : 'has trailing bytes';
    const claim = `its header (${header.dtype}, shape [${header.shape.join(', ')}]) needs ${header.byteLength}`;
    throw npyError(source, `it ${fault}: it has ${bytes.length} bytes`, claim);
  }
  const { dtype, shape } = header;
  return { dtype, shape, data: decodeElements(bytes, header, source) };
}

/** An array as .npy format 1.0, its elements aligned to 64 bytes as NumPy writes them. */
export function renderNpy(array: NdArray): Uint8Array {
  const { dtype, shape, data } = array;
  if (data.length !== elementCount(shape)) {
    throw new RangeError(
      `Cannot write an array: it has ${data.length} elements; shape [${shape.join(', ')}] needs another count`,
    );
  }
  const order = itemSizes[dtype] === 1 ? '|' : '<';
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const text = `{'descr': '${order}${dtype}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const dataOffset = Math.ceil((prefixBytes + text.length + 1) / alignment) * alignment;
  const bytes = new Uint8Array(dataOffset + data.byteLength);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
  new DataView(bytes.buffer).setUint16(8, dataOffset - prefixBytes, true);
  bytes.set(Buffer.from(`${text.padEnd(dataOffset - prefixBytes - 1)}\n`, 'latin1'), prefixBytes);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), dataOffset);
  return bytes;
}

/** Magic, version and header length of format 1.0. */
const prefixBytes = 10;
/** numpy/lib/format.py, ARRAY_ALIGN. */
const alignment = 64;

function decodeElements(bytes: Uint8Array, header: NpyHeader, source: string): ArrayData[Dtype] {
  const { dtype, dataOffset } = header;
  // npyjs makes an array of booleans of b1, and cannot start a typed array at an odd offset, which the format allows.
  if (dtype === 'b1') return decodeBooleans(new Uint8Array(bytes.subarray(dataOffset)), source);
  const aligned = dataOffset % itemSizes[dtype] === 0;
  const whole = aligned ? new Uint8Array(bytes) : realigned(bytes, dataOffset);
  return decode(whole.buffer).data as ArrayData[Dtype];
}

function decodeBooleans(elements: Uint8Array, source: string): Uint8Array {
  const odd = elements.find((element) => element > 1);
  if (odd !== undefined) throw npyError(source, `a boolean in it is ${odd}`, '0 or 1 is wanted');
  return elements;
}

/** The same file as format 2.0, whose header's text is filled up by spaces so that the elements start at a multiple of 64. */
function realigned(bytes: Uint8Array, dataOffset: number): Uint8Array<ArrayBuffer> {
  const text = bytes.subarray(bytes[6] === 1 ? 10 : 12, dataOffset);
  const start = Math.ceil((12 + text.length) / alignment) * alignment;
  const whole = new Uint8Array(start + bytes.length - dataOffset).fill(0x20, 0, start);
  whole.set([...bytes.subarray(0, 6), 2, 0]);
  new DataView(whole.buffer).setUint32(8, start - 12, true);
  whole.set(text, 12);
  whole.set(bytes.subarray(dataOffset), start);
  return whole;
}
