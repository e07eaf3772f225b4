import { readdir } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { nullAt } from '../../harness/support/null-at.js';
import { FileHashes } from '../inputs/file-hashes.js';

/** Folders above a run's may be another's. */
const unlisted = nullAt(...['EACCES', 'ELOOP', 'ENAMETOOLONG', 'ENOENT', 'ENOTDIR', 'EPERM', 'ERR_INVALID_ARG_VALUE']);

/**
 * Where a file of these hashes lies that a newer run moved aside with a folder that it lies in,
 * `<folder>.before-<run>`; null: nowhere.
 */
export async function findAside(path: string, wanted: ReadonlySet<string>): Promise<string | null> {
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
    const names = (await readdir(dirname(folder)).catch(unlisted)) ?? [];
    for (const name of names.filter((one) => one.startsWith(`${basename(folder)}.before-`))) {
      const other = join(dirname(folder), name, relative(folder, path));
      const found = new FileHashes();
      await found.read([other]);
      if (wanted.has(found.of(other)?.sha256 ?? '')) return other;
    }
  }
  return null;
}
