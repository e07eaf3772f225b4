import { type Dtype, elementCount } from '../contract/nd-array.js';
import { cannot } from '../support/errors.js';
import { refuseLfsPointer } from '../support/lfs-pointer.js';
import { dtypeFor, type StoredCode, type StoredLayout, storedSizes } from './stored-elements.js';

/** What an .npy header says, checked. */
export interface NpyHeader {
  /** What its elements are read as. */
  readonly dtype: Dtype;
  readonly layout: StoredLayout;
  readonly shape: readonly number[];
  /** Where the elements start. */
  readonly dataOffset: number;
  /** Bytes of header and elements together. */
  readonly byteLength: number;
}

/**
 * `bundle`: what the contract allows, little-endian, C order, f4 f8 i4 i8 u1 b1. `input`: the same, and f2 i2 u2 u4.
 * `any`: what users and their programs write, big-endian, Fortran order, f2 i1 i2 u2 u4 too.
 */
export type NpyRule = 'bundle' | 'input' | 'any';

/** Bytes of an element. */
export const itemSizes: Readonly<Record<Dtype, number>> = { f4: 4, f8: 8, i4: 4, i8: 8, u1: 1, b1: 1 };

/** One array of more would not fit what `fs.readFile` gives (2 GiB). */
export const maxArrayBytes = 2 ** 31 - 1;

const magic = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59); // \x93NUMPY

/**
 * Parses the header of .npy formats 1.0 to 3.0 (NEP 1). `bytes` may be a file's beginning only.
 * @param source names the file, and the key in it, for errors
 * @returns null where `bytes` ends before the header does
 * @throws UserError for anything else
 */
export function parseNpyHeader(bytes: Uint8Array, source: string, rule: NpyRule = 'bundle'): NpyHeader | null {
  refuseLfsPointer(bytes, source);
  const seen = Math.min(bytes.length, magic.length);
  if (!magic.subarray(0, seen).every((byte, at) => byte === bytes[at])) {
    throw cannot('read', source, `it does not begin with \\x93NUMPY`, 'an .npy file is wanted');
  }
  if (bytes.length < 8) return null;
  const [major, minor] = [bytes[6]!, bytes[7]!];
  if (major < 1 || major > 3 || minor !== 0) {
    throw cannot('read', source, `its format is ${major}.${minor}`, '1.0, 2.0 or 3.0 is wanted');
  }
  const textStart = major === 1 ? 10 : 12;
  if (bytes.length < textStart) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const textLength = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const dataOffset = textStart + textLength;
  if (textLength > maxHeaderBytes) {
    throw cannot('read', source, `its header claims ${textLength} bytes`, `at most ${maxHeaderBytes} are wanted`);
  }
  if (bytes.length < dataOffset) return null;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + textStart, textLength).toString('latin1');
  const { layout, shape } = parseDictionary(text, source, rule);
  const byteLength = dataOffset + elementCount(shape) * storedSizes[layout.code];
  return { dtype: dtypeFor(layout.code), layout, shape, dataOffset, byteLength };
}

/** The most that format 1.0 can have; later formats need more only for structured dtypes, which bundles have not. */
const maxHeaderBytes = 65_535;

/** The three keys, each once, in any order, as Python writes a dict; nothing else. */
function parseDictionary(
  text: string,
  source: string,
  rule: NpyRule,
): { layout: StoredLayout; shape: readonly number[] } {
  const body = /^\{(.*)\} *\n?$/s.exec(text.trimEnd())?.[1];
  if (body === undefined) throw cannot('read', source, `its header is ${quote(text)}`, 'a Python dict is wanted');
  const found = new Map<string, string>();
  const entry = /\s*(['"])(\w+)\1\s*:\s*('[^']*'|"[^"]*"|True|False|\([\d\s,L]*\)|\[.*\])\s*(?:,|$)/sy;
  while (entry.lastIndex < body.trimEnd().length) {
    const match = entry.exec(body);
    if (match === null) throw cannot('read', source, `its header is ${quote(text)}`, 'a Python dict is wanted');
    const [, , key, value] = match as unknown as [string, string, string, string];
    if (found.has(key)) throw cannot('read', source, `its header has '${key}' twice`, 'each key once is wanted');
    found.set(key, value);
  }
  for (const key of found.keys()) {
    if (!['descr', 'fortran_order', 'shape'].includes(key)) {
      throw cannot('read', source, `its header has the key '${key}'`, 'only descr, fortran_order and shape are wanted');
    }
  }
  const field = (key: string): string => {
    const value = found.get(key);
    if (value === undefined)
      throw cannot('read', source, `its header lacks '${key}'`, 'descr, fortran_order and shape are wanted');
    return value;
  };
  const descr = parseDescr(field('descr'), source, rule);
  const order = field('fortran_order');
  const fortran = order === 'True';
  if (fortran && rule !== 'any') throw cannot('read', source, 'it is in Fortran order', 'C order is wanted');
  if (!fortran && order !== 'False')
    throw cannot('read', source, `its fortran_order is ${order}`, 'True or False is wanted');
  return { layout: { ...descr, fortran }, shape: parseShape(field('shape'), descr.code, source) };
}

function parseDescr(descr: string, source: string, rule: NpyRule): Pick<StoredLayout, 'code' | 'bigEndian'> {
  const [, order, code] = /^['"]([<>|=]?)(.*)['"]$/.exec(descr) ?? [];
  const codes: readonly string[] = codesOf[rule];
  const wanted = `${codes.slice(0, -1).join(', ')} or b1 is wanted`;
  if (code === undefined || !isCode(code, codes)) throw cannot('read', source, `its dtype is ${descr}`, wanted);
  const bigEndian = order === '>';
  if (bigEndian && rule !== 'any')
    throw cannot('read', source, `its dtype ${descr} is big-endian`, 'little-endian is wanted');
  const oneByte = storedSizes[code] === 1;
  if (order === '<' || (order === '|' && oneByte)) return { code, bigEndian };
  if (rule === 'any' && order !== '|') return { code, bigEndian };
  throw cannot('read', source, `its dtype is ${descr}`, wanted);
}

/** bfloat16 is not a dtype of NumPy. */
const codesOf: Readonly<Record<NpyRule, readonly StoredCode[]>> = {
  bundle: ['f4', 'f8', 'i4', 'i8', 'u1', 'b1'],
  input: ['f2', 'f4', 'f8', 'i2', 'i4', 'i8', 'u1', 'u2', 'u4', 'b1'],
  any: ['f2', 'f4', 'f8', 'i1', 'i2', 'i4', 'i8', 'u1', 'u2', 'u4', 'b1'],
};

function isCode(code: string, codes: readonly string[]): code is StoredCode {
  return codes.includes(code);
}

function parseShape(text: string, code: StoredCode, source: string): readonly number[] {
  const inner = text.slice(1, -1).trim();
  const tuple = text.startsWith('(') && /^(|\d+L?\s*,|\d+L?(\s*,\s*\d+L?)+\s*,?)$/.test(inner);
  if (!tuple) throw cannot('read', source, `its shape is ${text}`, 'a tuple of whole numbers is wanted');
  const shape = inner
    .split(',')
    .filter((part) => part.trim() !== '')
    .map((part) => Number.parseInt(part, 10));
  if (!(elementCount(shape) * storedSizes[code] <= maxArrayBytes)) {
    throw cannot('read', source, `its shape ${text} needs more than 2 GiB`, 'at most 2 GiB is wanted');
  }
  return shape;
}

function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
