import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { codeOf, EnvironmentError, UserError } from './errors.js';
import { isOfMachine, reasonOf } from './explain-system.js';
import { nullIfGone } from './null-at.js';

/**
 * Writes `contents` to `path` so that a reader finds either the old file or the whole new one: a temporary file in the
 * same folder, fsync, rename. Missing folders are made.
 * @throws UserError for a place that cannot be written, EnvironmentError for a disk that is full or read-only; `cause`
 *   is the system's error
 */
export async function writeAtomicFile(path: string, contents: string | Uint8Array): Promise<void> {
  try {
    if (await isDevice(path)) return await writeFile(path, contents);
    await mkdir(dirname(path), { recursive: true });
    await replaceFile(path, contents);
  } catch (error) {
    throw explainUnwritable(error, path);
  }
}

/**
 * Tries a place that is written only after long work: its folders are made, and a file in them is opened and taken away
 * again.
 * @throws as `writeAtomicFile` would
 */
export async function validateWritable(path: string): Promise<void> {
  try {
    if (await isDevice(path)) return;
    await mkdir(dirname(path), { recursive: true });
    const found = await stat(path).catch(nullIfGone);
    if (found?.isDirectory() === true) throw Object.assign(new Error(`${path} is a folder`), { code: 'EISDIR' });
    const temporary = temporaryBeside(path);
    await (await open(temporary, 'wx')).close();
    await rm(temporary);
  } catch (error) {
    throw explainUnwritable(error, path);
  }
}

/**
 * What a failed write means: of the machine (a full disk), or of the place that the user named. The error itself
 * where it is of another kind.
 * @param what is said to be written, where that is more than the path
 */
export function explainUnwritable(error: unknown, what: string, path = what): unknown {
  const code = codeOf(error) ?? '';
  const why = ofPlace[code] ?? reasonOf(code, path);
  if (why === null || (code === 'ENOENT' && !isOfMachine(code, path))) return error;
  return isOfMachine(code, path)
    ? new EnvironmentError(`Cannot write ${what}: ${why}; a disk with room that can be written is wanted`, {
        cause: error,
      })
    : new UserError(`Cannot write ${what}: ${why}; a place that can be written is wanted`, { cause: error });
}

/** By the system's code. */
const ofPlace: Readonly<Record<string, string>> = {
  EACCES: 'its folder may not be written',
  EPERM: 'its folder may not be written',
};

/** `/dev/stdout`, `/dev/null`, a pipe: written as it is, for a file in its place would be the end of it. */
async function isDevice(path: string): Promise<boolean> {
  const found = await stat(path).catch(nullIfGone);
  return found !== null && !found.isFile() && !found.isDirectory();
}

async function replaceFile(path: string, contents: string | Uint8Array): Promise<void> {
  const temporary = temporaryBeside(path);
  try {
    const handle = await open(temporary, 'wx');
    try {
      await handle.writeFile(contents);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

function temporaryBeside(path: string): string {
  return join(dirname(path), `.${basename(path)}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`);
}
