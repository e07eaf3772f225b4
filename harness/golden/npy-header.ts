import { UserError } from '../support/errors.js';
import { refuseLfsPointer } from '../support/lfs-pointer.js';
import { type Dtype, elementCount } from '../support/nd-array.js';

/** What an .npy header says, checked. */
export interface NpyHeader {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Where the elements start. */
  readonly dataOffset: number;
  /** Bytes of header and elements together. */
  readonly byteLength: number;
}

/** Bytes of an element. */
export const itemSizes: Readonly<Record<Dtype, number>> = { f4: 4, f8: 8, i4: 4, i8: 8, u1: 1, b1: 1 };

/** One array of more would not fit what `fs.readFile` gives (2 GiB). */
export const maxArrayBytes = 2 ** 31 - 1;

const magic = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59); // \x93NUMPY

/**
 * Parses the header of .npy formats 1.0 to 3.0 (NEP 1): little-endian, C order, dtypes f4 f8 i4 i8 u1 b1.
 * `bytes` may be a file's beginning only.
 * @param source names the file, and the key in it, for errors
 * @returns null where `bytes` ends before the header does
 * @throws UserError for anything else
 */
export function parseNpyHeader(bytes: Uint8Array, source: string): NpyHeader | null {
  refuseLfsPointer(bytes, source);
  const seen = Math.min(bytes.length, magic.length);
  if (!magic.subarray(0, seen).every((byte, at) => byte === bytes[at])) {
    throw npyError(source, `it does not begin with \\x93NUMPY`, 'an .npy file is wanted');
  }
  if (bytes.length < 8) return null;
  const [major, minor] = [bytes[6]!, bytes[7]!];
  if (major < 1 || major > 3 || minor !== 0) {
    throw npyError(source, `its format is ${major}.${minor}`, '1.0, 2.0 or 3.0 is wanted');
  }
  const textStart = major === 1 ? 10 : 12;
  if (bytes.length < textStart) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const textLength = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const dataOffset = textStart + textLength;
  if (textLength > maxHeaderBytes) {
    throw npyError(source, `its header claims ${textLength} bytes`, `at most ${maxHeaderBytes} are wanted`);
  }
  if (bytes.length < dataOffset) return null;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + textStart, textLength).toString('latin1');
  const { dtype, shape } = parseDictionary(text, source);
  return { dtype, shape, dataOffset, byteLength: dataOffset + elementCount(shape) * itemSizes[dtype] };
}

export function npyError(source: string, is: string, wanted: string): UserError {
  return new UserError(`Cannot read ${source}: ${is}; ${wanted}`);
}

/** The most that format 1.0 can have; later formats need more only for structured dtypes, which bundles have not. */
const maxHeaderBytes = 65_535;

/** The three keys, each once, in any order, as Python writes a dict; nothing else. */
function parseDictionary(text: string, source: string): { dtype: Dtype; shape: readonly number[] } {
  const body = /^\{(.*)\} *\n?$/s.exec(text.trimEnd())?.[1];
  if (body === undefined) throw npyError(source, `its header is ${quote(text)}`, 'a Python dict is wanted');
  const found = new Map<string, string>();
  const entry = /\s*(['"])(\w+)\1\s*:\s*('[^']*'|"[^"]*"|True|False|\([\d\s,L]*\)|\[.*\])\s*(?:,|$)/sy;
  while (entry.lastIndex < body.trimEnd().length) {
    const match = entry.exec(body);
    if (match === null) throw npyError(source, `its header is ${quote(text)}`, 'a Python dict is wanted');
    const [, , key, value] = match as unknown as [string, string, string, string];
    if (found.has(key)) throw npyError(source, `its header has '${key}' twice`, 'each key once is wanted');
    found.set(key, value);
  }
  for (const key of found.keys()) {
    if (!['descr', 'fortran_order', 'shape'].includes(key)) {
      throw npyError(source, `its header has the key '${key}'`, 'only descr, fortran_order and shape are wanted');
    }
  }
  const field = (key: string): string => {
    const value = found.get(key);
    if (value === undefined)
      throw npyError(source, `its header lacks '${key}'`, 'descr, fortran_order and shape are wanted');
    return value;
  };
  const dtype = parseDescr(field('descr'), source);
  const order = field('fortran_order');
  if (order === 'True') throw npyError(source, 'it is in Fortran order', 'C order is wanted');
  if (order !== 'False') throw npyError(source, `its fortran_order is ${order}`, 'False is wanted');
  return { dtype, shape: parseShape(field('shape'), dtype, source) };
}

function parseDescr(descr: string, source: string): Dtype {
  const [, order, code] = /^['"]([<>|=]?)(.*)['"]$/.exec(descr) ?? [];
  const wanted = 'f4, f8, i4, i8, u1 or b1 is wanted';
  if (code === undefined || !isDtype(code)) throw npyError(source, `its dtype is ${descr}`, wanted);
  if (order === '>') throw npyError(source, `its dtype ${descr} is big-endian`, 'little-endian is wanted');
  const oneByte = itemSizes[code] === 1;
  if (order === '<' || (order === '|' && oneByte)) return code;
  throw npyError(source, `its dtype is ${descr}`, wanted);
}

function isDtype(code: string): code is Dtype {
  return Object.hasOwn(itemSizes, code);
}

function parseShape(text: string, dtype: Dtype, source: string): readonly number[] {
  const inner = text.slice(1, -1).trim();
  const tuple = text.startsWith('(') && /^(|\d+L?\s*,|\d+L?(\s*,\s*\d+L?)+\s*,?)$/.test(inner);
  if (!tuple) throw npyError(source, `its shape is ${text}`, 'a tuple of whole numbers is wanted');
  const shape = inner
    .split(',')
    .filter((part) => part.trim() !== '')
    .map((part) => Number.parseInt(part, 10));
  if (elementCount(shape) * itemSizes[dtype] > maxArrayBytes) {
    throw npyError(source, `its shape ${text} needs more than 2 GiB`, 'at most 2 GiB is wanted');
  }
  return shape;
}

function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
