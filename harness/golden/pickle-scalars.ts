import type { ByteCursor } from './byte-cursor.js';
import { op } from './pickle-opcodes.js';
import { type PickleValue, tupleOf } from './pickle-value.js';

/**
 * Opcodes whose value is in the bytes that follow them and nowhere else: constants, numbers, texts, bytes, and empty
 * containers.
 */
export const scalars: ReadonlyMap<number, (bytes: ByteCursor) => PickleValue> = new Map<
  number,
  (bytes: ByteCursor) => PickleValue
>([
  [op.none, () => null],
  [op.newTrue, () => true],
  [op.newFalse, () => false],
  [op.binInt, (bytes) => bytes.int32()],
  [op.binInt1, (bytes) => bytes.uint8()],
  [op.binInt2, (bytes) => bytes.uint16()],
  [op.binFloat, (bytes) => bytes.float64BigEndian()],
  [op.shortBinUnicode, (bytes) => bytes.text(bytes.uint8(), 'utf8')],
  [op.binUnicode, (bytes) => bytes.text(bytes.uint32(), 'utf8')],
  [op.binUnicode8, (bytes) => bytes.text(bytes.uint64(), 'utf8')],
  [op.shortBinString, (bytes) => bytes.text(bytes.uint8(), 'latin1')],
  [op.binString, (bytes) => bytes.text(bytes.uint32(), 'latin1')],
  [op.shortBinBytes, (bytes) => bytes.take(bytes.uint8())],
  [op.binBytes, (bytes) => bytes.take(bytes.uint32())],
  [op.binBytes8, (bytes) => bytes.take(bytes.uint64())],
  [op.byteArray8, (bytes) => bytes.take(bytes.uint64())],
  [op.emptyDict, () => new Map()],
  [op.emptyList, () => []],
  [op.emptyTuple, () => tupleOf([])],
]);
