import { parseUserJson } from '../../harness/support/parse-json.js';
import { readPlainText } from '../../harness/support/plain-file.js';

/** What a step's process wrote by `--json`. Throws a UserError for what is not JSON, or has a key twice. */
export async function readRecord<T>(path: string): Promise<T> {
  return parseUserJson(await readPlainText(path), path, 'what a step of tipcheck wrote is wanted') as T;
}
