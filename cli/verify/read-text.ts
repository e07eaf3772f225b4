import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { codeOf } from '../../harness/support/errors.js';

/** Null where there is no such file. */
export async function readTextOrNull(...path: readonly string[]): Promise<string | null> {
  try {
    return await readFile(resolve(...path), 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return null;
    throw error;
  }
}
