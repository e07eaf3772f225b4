import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { nullIfGone } from '../../harness/support/null-at.js';

/** Null where there is no such file. */
export function readTextOrNull(...path: readonly string[]): Promise<string | null> {
  return readFile(resolve(...path), 'utf8').catch(nullIfGone);
}
