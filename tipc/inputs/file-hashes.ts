import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { hashFile } from '../../harness/support/hash-file.js';
import { nullIfNoFile } from '../../harness/support/null-at.js';

export interface HashedFile {
  readonly bytes: number;
  readonly sha256: string;
}

/** Files that are read at a time: enough to keep a disk busy beside the hashing. */
const filesAtOnce = 8;

/** Hashes of files by path, each file read once: a data set is large, and trained on and looked at by several ymls. */
export class FileHashes {
  readonly #known = new Map<string, HashedFile | null>();

  /** Reads those that are not known yet. */
  async read(paths: Iterable<string>): Promise<void> {
    const wanted = [...new Set(paths)].filter((path) => !this.#known.has(path));
    let next = 0;
    const work = async () => {
      for (let at = next++; at < wanted.length; at = next++)
        this.#known.set(wanted[at]!, await hashOrNull(wanted[at]!));
    };
    await Promise.all(Array.from({ length: filesAtOnce }, work));
  }

  /** Of a file that was read; null where it is not there. */
  of(path: string): HashedFile | null {
    return this.#known.get(path) ?? null;
  }

  /** All that are there, in the order of their paths. */
  all(): readonly (readonly [path: string, sha256: string])[] {
    return [...this.#known]
      .flatMap(([path, found]) => (found === null ? [] : [[path, found.sha256] as const]))
      .sort(([a], [b]) => (a < b ? -1 : 1));
  }
}

/** Null where there is no such file: a folder is none, nor is a device, which would be read for ever. */
export async function hashOrNull(path: string): Promise<HashedFile | null> {
  const found = await stat(path).catch(nullIfNoFile);
  if (found?.isFile() !== true) return null;
  // What the system makes up as it is read has no size either.
  const sha256 = found.size === 0 ? ofNothing : await hashFile(path).catch(nullIfNoFile);
  return sha256 === null ? null : { bytes: found.size, sha256 };
}

const ofNothing = createHash('sha256').digest('hex');
