import type { NdArray } from '../support/nd-array.js';
import { itemSizes } from './npy-header.js';

/**
 * Arrays as a file that `paddle.load` reads as a state_dict: a pickle of protocol 4, a dict name → numpy.ndarray with
 * Paddle's own key `StructuredToParameterName@@` (paddle/framework/io.py), which maps each name to itself.
 * The same arrays give the same bytes.
 */
export function renderPdparams(arrays: ReadonlyMap<string, NdArray>): Uint8Array {
  const parts: Uint8Array[] = [Uint8Array.of(0x80, 4), emptyDict, mark];
  for (const [name, array] of arrays) parts.push(text(name), ...pickledArray(array));
  parts.push(text('StructuredToParameterName@@'), emptyDict, mark);
  for (const name of arrays.keys()) parts.push(text(name), text(name));
  parts.push(setItems, setItems, Uint8Array.of(0x2e));
  return Buffer.concat(parts);
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
