import { closeSync, openSync, writeSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { explainUnwritable } from '../../harness/support/atomic-file.js';
import { codeOf } from '../../harness/support/errors.js';

export interface RecordFile {
  readonly path: string;
  /** Writes at once: a record is some forty bytes every tenth step, and a kill may come at any moment. */
  write(record: Uint8Array): void;
  close(): void;
}

/** Opens a file that was not there, named for this second or the first after it that is free. */
export async function openRecordFile(folder: string, nameOf: (seconds: number) => string): Promise<RecordFile> {
  await mkdir(folder, { recursive: true });
  const now = Math.floor(Date.now() / 1000);
  for (let seconds = now; ; seconds++) {
    const path = join(folder, nameOf(seconds));
    try {
      return recordFile(path, openSync(path, 'wx'));
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw explainUnwritable(error, path);
    }
  }
}

function recordFile(path: string, descriptor: number): RecordFile {
  let open = true;
  return {
    path,
    write(record) {
      if (!open) throw new Error(`${path} is closed`);
      try {
        for (let at = 0; at < record.length; ) at += writeSync(descriptor, record, at);
      } catch (error) {
        throw explainUnwritable(error, path);
      }
    },
    close() {
      if (open) closeSync(descriptor);
      open = false;
    },
  };
}
