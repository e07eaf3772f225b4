import type { NdArray } from '../contract/nd-array.js';
import { itemSizes } from './npy-header.js';

/** What can be written: dicts of texts, numbers, arrays and more dicts. Whole numbers become int, others float. */
export type Picklable = string | number | NdArray | ReadonlyMap<string, Picklable>;

/**
 * A pickle of protocol 4 that Python reads back: a Map is a dict, an array a numpy.ndarray. The same values give the
 * same bytes.
 */
export function renderPickle(value: Picklable): Uint8Array {
  return Buffer.concat([Uint8Array.of(0x80, 4), ...pickled(value), Uint8Array.of(0x2e)]);
}

function pickled(value: Picklable): Uint8Array[] {
  if (typeof value === 'string') return [text(value)];
  if (typeof value === 'number') return [isInt32(value) ? integer(value) : float(value)];
  if ('dtype' in value) return pickledArray(value);
  return [emptyDict, mark, ...[...value].flatMap(([key, inner]) => [text(key), ...pickled(inner)]), setItems];
}

// Opcodes of CPython's Lib/pickle.py.
const emptyDict = Uint8Array.of(0x7d);
const mark = Uint8Array.of(0x28);
const setItems = Uint8Array.of(0x75);
const [tuple, tuple1, tuple3] = [Uint8Array.of(0x74), Uint8Array.of(0x85), Uint8Array.of(0x87)];
const [reduce, build] = [Uint8Array.of(0x52), Uint8Array.of(0x62)];
const [none, newTrue, newFalse] = [Uint8Array.of(0x4e), Uint8Array.of(0x88), Uint8Array.of(0x89)];

/** numpy.core, though numpy 2 calls it numpy._core: both versions still find `_reconstruct` there. */
const reconstruct = globalName('numpy.core.multiarray', '_reconstruct');
const ndarray = globalName('numpy', 'ndarray');
const dtypeClass = globalName('numpy', 'dtype');

/** What `numpy.ndarray.__reduce__` gives: _reconstruct(ndarray, (0,), b'b'), then the state. */
function pickledArray({ dtype, shape, data }: NdArray): Uint8Array[] {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const order = itemSizes[dtype] === 1 ? '|' : '<';
  return [
    reconstruct,
    ndarray,
    integer(0),
    tuple1,
    blob(Buffer.from('b')),
    tuple3,
    reduce,
    mark,
    integer(1),
    mark,
    ...shape.map(integer),
    tuple,
    dtypeClass,
    text(dtype),
    newFalse,
    newTrue,
    tuple3,
    reduce,
    mark,
    integer(3),
    text(order),
    none,
    none,
    none,
    integer(-1),
    integer(-1),
    integer(0),
    tuple,
    build,
    newFalse,
    blob(bytes),
    tuple,
    build,
  ];
}

function globalName(module: string, name: string): Uint8Array {
  return Buffer.concat([text(module), text(name), Uint8Array.of(0x93)]);
}

/** BINUNICODE: 32-bit length, UTF-8. */
function text(value: string): Uint8Array {
  const bytes = Buffer.from(value, 'utf8');
  return Buffer.concat([prefixed(0x58, bytes.length), bytes]);
}

/** BINBYTES: 32-bit length. */
function blob(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([prefixed(0x42, bytes.length), bytes]);
}

/** BININT: 32-bit, signed. */
function integer(value: number): Uint8Array {
  const bytes = Buffer.alloc(5, 0x4a);
  bytes.writeInt32LE(value, 1);
  return bytes;
}

function prefixed(opcode: number, length: number): Uint8Array {
  const bytes = Buffer.alloc(5, opcode);
  bytes.writeUInt32LE(length, 1);
  return bytes;
}

function isInt32(value: number): boolean {
  return Number.isInteger(value) && !Object.is(value, -0) && Math.abs(value) < 2 ** 31;
}

/** BINFLOAT: a float64, the high byte first. */
function float(value: number): Uint8Array {
  const bytes = Buffer.alloc(9, 0x47);
  bytes.writeDoubleBE(value, 1);
  return bytes;
}
