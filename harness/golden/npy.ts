import { parse as decode } from 'npyjs';
import { type ArrayData, type Dtype, elementCount, type NdArray } from '../contract/nd-array.js';
import { cannot } from '../support/errors.js';
import { itemSizes, type NpyHeader, type NpyRule, parseNpyHeader } from './npy-header.js';
import { decodeStored } from './stored-elements.js';

/**
 * Parses a whole .npy file (formats 1.0 to 3.0) into an array of its own, in C order. The header's text is judged here,
 * strictly; npyjs, which believes what it reads, decodes what has passed.
 * @param source names the file, and the key in it, for errors
 * @param rule `any` for files of users and their programs
 * @throws UserError for a truncated file, trailing bytes and whatever `parseNpyHeader` refuses
 */
export function parseNpy(bytes: Uint8Array, source: string, rule: NpyRule = 'bundle'): NdArray {
  const header = parseNpyHeader(bytes, source, rule);
  if (header === null)
    throw cannot('read', source, `it ends within its header, after ${bytes.length} bytes`, 'a whole file is wanted');
  if (bytes.length !== header.byteLength) {
    const fault = bytes.length < header.byteLength ? 'is truncated' : 'has trailing bytes';
    const claim = `its header (${header.layout.code}, shape [${header.shape.join(', ')}]) needs ${header.byteLength}`;
    throw cannot('read', source, `it ${fault}: it has ${bytes.length} bytes`, claim);
  }
  const { dtype, shape } = header;
  return { dtype, shape, data: decodeElements(bytes, header, source) };
}

/** An array as .npy format 1.0, its elements aligned to 64 bytes as NumPy writes them. */
export function renderNpy({ dtype, shape, data }: NdArray): Uint8Array<ArrayBuffer> {
  if (data.length !== elementCount(shape)) {
    const needs = `shape [${shape.join(', ')}] needs ${elementCount(shape)}`;
    throw new RangeError(`Cannot write an array: it has ${data.length} elements; ${needs}`);
  }
  return renderFile(dtype, shape, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

/** Magic, version and header length of format 1.0. */
const prefixBytes = 10;
/** numpy/lib/format.py, ARRAY_ALIGN. */
const alignment = 64;

function renderFile(dtype: Dtype, shape: readonly number[], elements: Uint8Array): Uint8Array<ArrayBuffer> {
  const order = itemSizes[dtype] === 1 ? '|' : '<';
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const text = `{'descr': '${order}${dtype}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const dataOffset = Math.ceil((prefixBytes + text.length + 1) / alignment) * alignment;
  const bytes = new Uint8Array(dataOffset + elements.length);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
  new DataView(bytes.buffer).setUint16(8, dataOffset - prefixBytes, true);
  bytes.set(Buffer.from(`${text.padEnd(dataOffset - prefixBytes - 1)}\n`, 'latin1'), prefixBytes);
  bytes.set(elements, dataOffset);
  return bytes;
}

/**
 * npyjs decodes what has passed, from a copy with a header as NumPy writes it: npyjs needs its quotes, and elements
 * that are aligned. It makes a list of b1, and knows little-endian C order alone: the others are decoded here.
 */
function decodeElements(bytes: Uint8Array, header: NpyHeader, source: string): ArrayData[Dtype] {
  const { dtype, layout, shape, dataOffset } = header;
  const elements = bytes.subarray(dataOffset);
  if (layout.code === 'b1') validateBooleans(elements, source);
  if (layout.code !== dtype || layout.bigEndian || layout.fortran || dtype === 'b1')
    return decodeStored(elements, layout, shape);
  return decode(renderFile(dtype, shape, elements).buffer).data as ArrayData[Dtype];
}

function validateBooleans(elements: Uint8Array, source: string): void {
  const odd = elements.find((element) => element > 1);
  if (odd !== undefined) throw cannot('read', source, `a boolean in it is ${odd}`, '0 or 1 is wanted');
}
