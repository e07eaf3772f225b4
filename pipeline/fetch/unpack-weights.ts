import { createWriteStream, existsSync } from 'node:fs';
import { readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import yauzl from 'yauzl';
import type { NdArray } from '../../harness/contract/nd-array.js';
import { crc32 } from '../../harness/golden/crc32.js';
import { readWeightsFile } from '../../harness/golden/weights-file.js';
import { codeOf, messageOf, UserError } from '../../harness/support/errors.js';
import { hashFile } from '../../harness/support/hash-file.js';
import { openPlain } from '../../harness/support/plain-file.js';
import { openScratch } from '../../harness/support/scratch.js';
import { readSha256Record, writeSha256Record } from './sha256-record.js';

/** The largest SegNeXt has 0.2 GB; a file above this is none that any port here could hold. */
const maxUnpackedBytes = 4 * 1024 ** 3;

/** Whether a file begins as a zip does. */
export function isZip(path: string): Promise<boolean> {
  return openPlain(path, async (file) => {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return bytesRead === 4 && buffer.equals(Buffer.from('PK\x03\x04', 'latin1'));
  });
}

/**
 * Unpacks the one `.pdparams` of a zip to a file beside it, named for the zip's hash, and returns its path. Where it
 * lies there already, whole, nothing is done. The names inside the zip decide nothing about the place.
 * @param sha256 of the zip
 * @throws UserError for a damaged zip, none or several `.pdparams`, one that is too large
 */
export async function unpackWeights(zipPath: string, sha256: string): Promise<string> {
  const path = `${zipPath.replace(/\.zip$/i, '')}-${sha256.slice(0, 12)}.pdparams`;
  if (existsSync(path) && (await readSha256Record(path)) === (await hashFile(path))) return path;
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await extract(zipPath, temporary, 'delete it to fetch it again');
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
  await writeSha256Record(path, await hashFile(path));
  return path;
}

/**
 * Arrays by name of the one `.pdparams` of a zip that is the user's own: nothing is left beside it.
 * @throws UserError for a zip that is not there, or as `unpackWeights`
 */
export async function readZippedWeights(zipPath: string): Promise<Map<string, NdArray>> {
  const scratch = await openScratch();
  try {
    const path = join(scratch.folder, 'model.pdparams');
    await extract(zipPath, path, 'the zip as it was published');
    return await readWeightsFile(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    throw new UserError(`Cannot read weights ${zipPath}: there is no such file; ${wanted}`);
  } finally {
    await scratch.close();
  }
}

/** What keeps a zip from being unpacked, or null; only its directory is read. */
export async function describeZipFault(zipPath: string): Promise<string | null> {
  try {
    await withZip(zipPath, findWeights);
    return null;
  } catch (error) {
    if (error instanceof ZipFault) return `${error.message}; ${wanted}`;
    throw error;
  }
}

const wanted = 'a zip with one .pdparams is wanted';

class ZipFault extends Error {}

async function extract(zipPath: string, path: string, fix: string): Promise<void> {
  try {
    await withZip(zipPath, async (zip) => {
      const entry = await findWeights(zip);
      await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(path));
      if (crc32(await readFile(path)) !== entry.crc32) throw new ZipFault(`${entry.fileName} in it is damaged`);
    });
  } catch (error) {
    throw error instanceof ZipFault
      ? new UserError(`Cannot unpack ${zipPath}: ${error.message}; ${wanted}. Fix: ${fix}`)
      : error;
  }
}

/** What yauzl or zlib throw is a fault of the zip; what the disk says is none. */
async function withZip<T>(zipPath: string, use: (zip: yauzl.ZipFile) => Promise<T>): Promise<T> {
  // What is not a plain file is told before yauzl waits for it.
  await openPlain(zipPath, () => Promise.resolve());
  let zip: yauzl.ZipFile | null = null;
  try {
    zip = await yauzl.openPromise(zipPath, { validateEntrySizes: true, autoClose: false });
    return await use(zip);
  } catch (error) {
    if (error instanceof ZipFault || (codeOf(error) !== null && !codeOf(error)!.startsWith('Z_'))) throw error;
    throw new ZipFault(`it is damaged (${messageOf(error)})`);
  } finally {
    zip?.close();
  }
}

async function findWeights(zip: yauzl.ZipFile): Promise<yauzl.Entry> {
  const found: yauzl.Entry[] = [];
  for await (const entry of zip.eachEntry()) if (isWeights(entry.fileName)) found.push(entry);
  const [entry] = found;
  if (entry === undefined) throw new ZipFault('it holds no .pdparams');
  if (found.length > 1) throw new ZipFault(`it holds ${found.map(({ fileName }) => fileName).join(', ')}`);
  if (entry.uncompressedSize <= maxUnpackedBytes) return entry;
  throw new ZipFault(`${entry.fileName} has ${entry.uncompressedSize} bytes, more than ${maxUnpackedBytes}`);
}

/** macOS adds a `__MACOSX/._model.pdparams` of its own to what it packs. */
function isWeights(fileName: string): boolean {
  return fileName.endsWith('.pdparams') && !fileName.startsWith('__MACOSX/');
}
