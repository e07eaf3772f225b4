import { basename } from 'node:path';
import protobuf from 'protobufjs/minimal.js';
import { UserError } from '../../harness/support/errors.js';
import { openRecordFile } from './record-file.js';
import type { Scalars } from './scalars.js';

/**
 * Opens a new VisualDL log in `folder`, which its own LogReader and `visualdl --logdir` read. A file is named for its
 * second of birth, and VisualDL shows the newest of a folder: where there is one of this second, the next free second
 * names the new one. Source: visualdl 2.5.3, writer/record_writer.py and proto/record.proto. A record is its length
 * (uint64, little-endian) and a `Record` message; the checksums that the writer's documentation speaks of are not
 * written, nor does the reader expect any.
 */
export async function openVisualdl(folder: string): Promise<Scalars> {
  const file = await openRecordFile(folder, (seconds) => `vdlrecords.${`${seconds}`.padStart(10, '0')}.log`);
  file.write(frame(renderMeta(Date.now())));
  return {
    add(tag, step, value, wallTime = Date.now()) {
      if (tag.includes('%')) {
        throw new UserError(`Cannot record ${tag} in ${basename(file.path)}: it has a %; VisualDL wants a tag without`);
      }
      file.write(frame(renderScalar(tag, step, value, wallTime)));
    },
    close: async () => file.close(),
  };
}

function frame(record: Uint8Array): Uint8Array {
  const framed = new Uint8Array(8 + record.length);
  new DataView(framed.buffer).setBigUint64(0, BigInt(record.length), true);
  framed.set(record, 8);
  return framed;
}

/** Record { values = 1: Value { id = 1, tag = 2, timestamp = 3, value = 4 } } */
function renderScalar(tag: string, step: number, value: number, wallTime: number): Uint8Array {
  const writer = beginValue(tag, step, wallTime);
  return writer.uint32(wire(4, fixed32)).float(value).ldelim().finish();
}

/** LogReader knows a log by its first record: Value { meta_data = 10: MetaData {} }. */
function renderMeta(wallTime: number): Uint8Array {
  const writer = beginValue('meta_data_tag', 0, wallTime);
  return writer.uint32(wire(10, delimited)).fork().ldelim().ldelim().finish();
}

function beginValue(tag: string, step: number, wallTime: number): protobuf.Writer {
  const writer = protobuf.Writer.create().uint32(wire(1, delimited)).fork();
  writer.uint32(wire(1, varint)).int64(step).uint32(wire(2, delimited)).string(tag);
  return writer.uint32(wire(3, varint)).int64(Math.round(wallTime));
}

const [varint, delimited, fixed32] = [0, 2, 5];

function wire(field: number, type: number): number {
  return (field << 3) | type;
}
