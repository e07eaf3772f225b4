import { basename } from 'node:path';
import { writeAtomicFile } from '../../harness/support/atomic-file.js';
import { codeOf, UserError } from '../../harness/support/errors.js';
import { readPlainText } from '../../harness/support/plain-file.js';

/** `sha256sum -c` reads it. */
export function sha256RecordPath(path: string): string {
  return `${path}.sha256`;
}

/** The recorded hash of a file; null where none was recorded. Throws a UserError for a record that is none. */
export async function readSha256Record(path: string): Promise<string | null> {
  const recordPath = sha256RecordPath(path);
  let text: string;
  try {
    text = await readPlainText(recordPath);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
  const sha256 = /^([0-9a-f]{64}) [ *]/.exec(text)?.[1];
  if (sha256 !== undefined) return sha256;
  throw new UserError(
    `Cannot read ${recordPath}: it does not begin with 64 hex digits; a record of sha256sum is wanted. Fix: delete it`,
  );
}

export async function writeSha256Record(path: string, sha256: string): Promise<void> {
  await writeAtomicFile(sha256RecordPath(path), `${sha256}  ${basename(path)}\n`);
}
