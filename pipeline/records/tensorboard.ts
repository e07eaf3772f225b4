import { hostname } from 'node:os';
import protobuf from 'protobufjs/minimal.js';
import { maskedCrc32c } from './crc32c.js';
import { openRecordFile } from './record-file.js';
import type { Scalars } from './scalars.js';

/**
 * Opens a new TensorBoard event file in `folder`; TensorBoard shows all files of a folder as one run. Source:
 * tensorboard 2.21, summary/writer/record_writer.py (TFRecord: length, masked CRC-32C of it, data, masked CRC-32C of
 * it) and compat/proto/{event,summary}.proto.
 */
export async function openTensorboard(folder: string): Promise<Scalars> {
  const file = await openRecordFile(
    folder,
    (seconds) => `events.out.tfevents.${`${seconds}`.padStart(10, '0')}.${hostname()}.${process.pid}`,
  );
  file.write(frame(renderVersion(Date.now())));
  return {
    add: (tag, step, value, wallTime = Date.now()) => file.write(frame(renderScalar(tag, step, value, wallTime))),
    close: async () => file.close(),
  };
}

function frame(event: Uint8Array): Uint8Array {
  const framed = new Uint8Array(event.length + 16);
  const view = new DataView(framed.buffer);
  view.setBigUint64(0, BigInt(event.length), true);
  view.setUint32(8, maskedCrc32c(framed.subarray(0, 8)), true);
  framed.set(event, 12);
  view.setUint32(12 + event.length, maskedCrc32c(event), true);
  return framed;
}

/** Event { wall_time = 1, file_version = 3 }, the first of a file. */
function renderVersion(wallTime: number): Uint8Array {
  return beginEvent(wallTime).uint32(wire(3, delimited)).string('brain.Event:2').finish();
}

/** Event { wall_time = 1, step = 2, summary = 5: Summary { value = 1: Value { tag = 1, simple_value = 2 } } } */
function renderScalar(tag: string, step: number, value: number, wallTime: number): Uint8Array {
  const writer = beginEvent(wallTime).uint32(wire(2, varint)).int64(step);
  writer.uint32(wire(5, delimited)).fork().uint32(wire(1, delimited)).fork();
  writer.uint32(wire(1, delimited)).string(tag).uint32(wire(2, fixed32)).float(value);
  return writer.ldelim().ldelim().finish();
}

/** TensorBoard's wall time is in seconds. */
function beginEvent(wallTime: number): protobuf.Writer {
  return protobuf.Writer.create()
    .uint32(wire(1, fixed64))
    .double(wallTime / 1000);
}

const [varint, fixed64, delimited, fixed32] = [0, 1, 2, 5];

function wire(field: number, type: number): number {
  return (field << 3) | type;
}
