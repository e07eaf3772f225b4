import { readFile } from 'node:fs/promises';
import { parseUserJson } from '../../../harness/support/parse-json.js';

/** What a step's process wrote by `--json`. Throws a UserError for what is not JSON, or has a key twice. */
export async function readRecord<T>(path: string): Promise<T> {
  return parseUserJson(await readFile(path, 'utf8'), path, 'what a step of tipcheck wrote is wanted') as T;
}
