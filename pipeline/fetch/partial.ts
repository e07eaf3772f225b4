import { rm, stat } from 'node:fs/promises';
import { writeAtomicFile } from '../../harness/support/atomic-file.js';
import { codeOf } from '../../harness/support/errors.js';
import { parseJson } from '../../harness/support/parse-json.js';
import { readPlainText } from '../../harness/support/plain-file.js';

/** What is known of the file that a download brings. */
export interface Remote {
  readonly url: string;
  /** What If-Range takes: a strong ETag, else Last-Modified, else null, and then nothing can be resumed. */
  readonly validator: string | null;
  /** Null where the server does not tell. */
  readonly total: number | null;
}

/** A download that has begun. */
export interface Partial {
  readonly bytes: number;
  readonly remote: Remote;
}

/** The bytes so far lie here; what they are of, in a `.json` beside. */
export function partialPath(path: string): string {
  return `${path}.part`;
}

/** What an earlier try left for `path`; null where there is nothing to go on from. */
export async function readPartial(path: string): Promise<Partial | null> {
  try {
    const { size } = await stat(partialPath(path));
    const remote = parseRemote(await readPlainText(remotePath(path)));
    return remote === null ? null : { bytes: size, remote };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

export async function writeRemote(path: string, remote: Remote): Promise<void> {
  await writeAtomicFile(remotePath(path), JSON.stringify(remote));
}

/** Also what is left of one that has become whole. */
export async function discardPartial(path: string): Promise<void> {
  await rm(partialPath(path), { force: true });
  await rm(remotePath(path), { force: true });
}

function remotePath(path: string): string {
  return `${partialPath(path)}.json`;
}

/** A file that is damaged, or of another version, tells nothing. */
function parseRemote(text: string): Remote | null {
  try {
    const { url, validator, total } = parseJson(text) as Record<string, unknown>;
    if (typeof url !== 'string') return null;
    if (validator !== null && typeof validator !== 'string') return null;
    if (total !== null && typeof total !== 'number') return null;
    return { url, validator, total };
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
