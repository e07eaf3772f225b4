import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import yauzl from 'yauzl';
import { placeInside } from '../support/place-inside.js';

export interface UnpackedFile {
  readonly size: number;
  readonly sha256: string;
}

/**
 * Unpacks the entries that `place` gives a path (relative to `folder`), streaming: a TensorFlow library is larger than
 * what should be held in memory. Returns size and hash of each file by that path.
 */
export async function unpackZip(
  zipPath: string,
  folder: string,
  place: (entryName: string) => string | null,
  onBytes: (bytes: number) => void = () => undefined,
): Promise<Map<string, UnpackedFile>> {
  const zip = await yauzl.openPromise(zipPath, { validateEntrySizes: true });
  const unpacked = new Map<string, UnpackedFile>();
  try {
    for await (const entry of zip.eachEntry()) {
      const path = entry.fileName.endsWith('/') ? null : place(entry.fileName);
      if (path === null) continue;
      const placed = await placeInside(folder, path, `${path} of ${zipPath}`);
      unpacked.set(path, await unpackEntry(zip, entry, placed, onBytes));
    }
  } finally {
    if (zip.isOpen) zip.close();
  }
  return unpacked;
}

async function unpackEntry(
  zip: yauzl.ZipFile,
  entry: yauzl.Entry,
  path: string,
  onBytes: (bytes: number) => void,
): Promise<UnpackedFile> {
  await mkdir(dirname(path), { recursive: true });
  const hash = createHash('sha256');
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      onBytes(chunk.length);
      done(null, chunk);
    },
  });
  await pipeline(await zip.openReadStreamPromise(entry), meter, createWriteStream(path, { mode: modeOf(entry) }));
  return { size: entry.uncompressedSize, sha256: hash.digest('hex') };
}

/** The Unix mode of a zip entry is in the high half of its external attributes. */
function modeOf(entry: yauzl.Entry): number {
  return ((entry.externalFileAttributes >>> 16) & 0o111) === 0 ? 0o644 : 0o755;
}
