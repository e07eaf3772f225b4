import protobuf from 'protobufjs/minimal.js';

/**
 * A table-driven protobuf codec that loses nothing. It keeps the bytes of a field that the tables do not know and
 * writes them back, so a file of a newer ONNX passes through whole. Integers of 64 bits are bigint, absent fields
 * undefined.
 */
export interface MessageTable {
  readonly [fieldNumber: number]: Field;
}

export interface Field {
  readonly name: string;
  readonly type: ScalarType | (() => MessageTable);
  readonly repeated?: boolean;
  /** Whether a repeated scalar is written packed. Both forms are read. */
  readonly packed?: boolean;
}

export type ScalarType = 'int32' | 'int64' | 'uint64' | 'float' | 'double' | 'string' | 'bytes';

/** What the tables do not know, in its order. */
export const unknownFields: unique symbol = Symbol('unknown fields');

export type Message = { [name: string]: unknown; [unknownFields]?: UnknownField[] };

interface UnknownField {
  /** Field number and wire type, as they stand in the file. */
  readonly tag: number;
  readonly value: bigint | number | Uint8Array;
}

/** Throws a RangeError or an Error if `bytes` is not such a message. Byte fields are views of `bytes`. */
export function decodeMessage(table: MessageTable, bytes: Uint8Array): Message {
  return readMessage(table, protobuf.Reader.create(bytes), bytes.length);
}

export function encodeMessage(table: MessageTable, message: Message): Uint8Array {
  const writer = protobuf.Writer.create();
  writeMessage(table, writer, message);
  return writer.finish();
}

const wireTypes = { varint: 0, fixed64: 1, delimited: 2, fixed32: 5 } as const;

const wireTypeOf: Readonly<Record<ScalarType, number>> = {
  int32: wireTypes.varint,
  int64: wireTypes.varint,
  uint64: wireTypes.varint,
  float: wireTypes.fixed32,
  double: wireTypes.fixed64,
  string: wireTypes.delimited,
  bytes: wireTypes.delimited,
};

function readMessage(table: MessageTable, reader: protobuf.Reader, end: number): Message {
  const message: Message = {};
  while (reader.pos < end) {
    const tag = reader.uint32();
    const field = table[tag >>> 3];
    if (field === undefined || !readField(field, tag & 7, reader, message)) {
      message[unknownFields] ??= [];
      message[unknownFields].push(readUnknown(tag, reader));
    }
  }
  if (reader.pos !== end) throw new RangeError(`a message ends at byte ${reader.pos}, not at ${end}`);
  return message;
}

/** False where the wire type does not fit the field. */
function readField(field: Field, wireType: number, reader: protobuf.Reader, message: Message): boolean {
  const { name, type, repeated = false } = field;
  if (typeof type === 'function') {
    if (wireType !== wireTypes.delimited) return false;
    const length = reader.uint32();
    store(message, name, repeated, readMessage(type(), reader, reader.pos + length));
    return true;
  }
  if (repeated && wireType === wireTypes.delimited && wireTypeOf[type] !== wireTypes.delimited) {
    const end = reader.uint32() + reader.pos;
    while (reader.pos < end) store(message, name, true, readScalar(type, reader));
    return true;
  }
  if (wireType !== wireTypeOf[type]) return false;
  store(message, name, repeated, readScalar(type, reader));
  return true;
}

function store(message: Message, name: string, repeated: boolean, value: unknown): void {
  if (!repeated) {
    message[name] = value;
    return;
  }
  const list = message[name];
  if (Array.isArray(list)) list.push(value);
  else message[name] = [value];
}

function readScalar(type: ScalarType, reader: protobuf.Reader): unknown {
  switch (type) {
    case 'int64':
      return BigInt.asIntN(64, asBigInt(reader.int64()));
    case 'uint64':
      return BigInt.asUintN(64, asBigInt(reader.uint64()));
    default:
      return reader[type]();
  }
}

function asBigInt(value: unknown): bigint {
  if (typeof value === 'number') return BigInt(value);
  const { high, low } = value as { high: number; low: number };
  return (BigInt(high) << 32n) | BigInt(low >>> 0);
}

function writeMessage(table: MessageTable, writer: protobuf.Writer, message: Message): void {
  for (const [number, field] of Object.entries(table)) {
    const value = message[field.name];
    if (value !== undefined) writeField(Number(number), field, writer, value);
  }
  for (const field of message[unknownFields] ?? []) writeUnknown(writer, field);
}

function writeField(number: number, field: Field, writer: protobuf.Writer, value: unknown): void {
  const { type, repeated = false, packed = false } = field;
  const values = repeated ? (value as readonly unknown[]) : [value];
  if (typeof type === 'function') {
    for (const child of values) {
      writer.uint32((number << 3) | wireTypes.delimited).fork();
      writeMessage(type(), writer, child as Message);
      writer.ldelim();
    }
  } else if (packed && values.length > 0) {
    writer.uint32((number << 3) | wireTypes.delimited).fork();
    for (const scalar of values) writeScalar(type, writer, scalar);
    writer.ldelim();
  } else {
    for (const scalar of values) {
      writer.uint32((number << 3) | wireTypeOf[type]);
      writeScalar(type, writer, scalar);
    }
  }
}

function writeScalar(type: ScalarType, writer: protobuf.Writer, value: unknown): void {
  switch (type) {
    case 'int64':
    case 'uint64':
      writer[type](asLong(value as bigint));
      break;
    case 'bytes':
      writer.bytes(value as Uint8Array);
      break;
    case 'string':
      writer.string(value as string);
      break;
    default:
      writer[type](value as number);
  }
}

/** What protobufjs takes for 64 bits. */
function asLong(value: bigint): protobuf.Long {
  const low = Number(BigInt.asIntN(32, value));
  const high = Number(BigInt.asIntN(32, value >> 32n));
  return { low, high, unsigned: false } as protobuf.Long;
}

function readUnknown(tag: number, reader: protobuf.Reader): UnknownField {
  switch (tag & 7) {
    case wireTypes.varint:
      return { tag, value: asBigInt(reader.uint64()) };
    case wireTypes.fixed64:
      return { tag, value: asBigInt(reader.fixed64()) };
    case wireTypes.delimited:
      return { tag, value: reader.bytes() };
    case wireTypes.fixed32:
      return { tag, value: reader.fixed32() };
    default:
      throw new RangeError(`field ${tag >>> 3} has wire type ${tag & 7}`);
  }
}

function writeUnknown(writer: protobuf.Writer, { tag, value }: UnknownField): void {
  writer.uint32(tag);
  if (value instanceof Uint8Array) writer.bytes(value);
  else if (typeof value === 'number') writer.fixed32(value);
  else if ((tag & 7) === wireTypes.varint) writer.uint64(asLong(value));
  else writer.fixed64(asLong(value));
}
