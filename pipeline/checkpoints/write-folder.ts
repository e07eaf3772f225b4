import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { explainUnwritable } from '../../harness/support/atomic-file.js';
import { codeOf, EnvironmentError } from '../../harness/support/errors.js';

/**
 * `.iter_100.new-1f2e` is being written, `.iter_100.old-1f2e` is being replaced. Nothing of another name is touched.
 */
const leftover = /^\.(iter_\d+|best_model)\.(new|old)-[0-9a-f]{8}$/;

/**
 * Writes a folder of files so that, whenever the process is killed, `recoverFolders` finds the old folder or the whole
 * new one: a folder beside it, every file synced, then renamed.
 * @throws EnvironmentError for a full disk; what was there before stays
 */
export async function writeFolder(
  parent: string,
  name: string,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<string> {
  const mark = randomBytes(4).toString('hex');
  const fresh = join(parent, `.${name}.new-${mark}`);
  const old = join(parent, `.${name}.old-${mark}`);
  const path = join(parent, name);
  try {
    await mkdir(fresh, { recursive: true });
    for (const [file, bytes] of files) await writeSynced(join(fresh, file), bytes);
    await syncFolder(fresh);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    throw explainWrite(error, path, files);
  }
  const replaced = await moveIfThere(path, old);
  await rename(fresh, path);
  await syncFolder(parent);
  if (replaced) await rm(old, { recursive: true });
  return path;
}

/**
 * Ends what a killed process began in `parent`: a folder that was moved away and not yet replaced comes back, and the
 * rest of what was not finished goes. To be called before the first write of a run, by one process.
 */
export async function recoverFolders(parent: string): Promise<void> {
  const names = await listNames(parent);
  for (const name of names
    .filter((entry) => leftover.test(entry))
    .sort()
    .reverse()) {
    const [, kept, kind] = leftover.exec(name)!;
    const isLost = kind === 'old' && !(await listNames(parent)).includes(kept!);
    if (isLost) await rename(join(parent, name), join(parent, kept!));
    else await rm(join(parent, name), { recursive: true });
  }
}

/** What a write's failure means to the user. */
export function explainWrite(error: unknown, path: string, files: ReadonlyMap<string, Uint8Array>): unknown {
  const code = codeOf(error);
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return explainUnwritable(error, path);
  const megabytes = [...files.values()].reduce((sum, bytes) => sum + bytes.length, 0) / 1e6;
  return new EnvironmentError(
    `Cannot write the checkpoint ${path}: the disk is full; ${megabytes.toFixed(1)} MB are wanted. Checkpoints that were there before are whole`,
  );
}

async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(path, 'wx');
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes renames and new names last, where the system lets a folder be synced. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function moveIfThere(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

async function listNames(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}
