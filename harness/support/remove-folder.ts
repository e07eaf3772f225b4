import { chmod, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { tell } from './console.js';
import { codeOf, messageOf } from './errors.js';

/**
 * Removes a temporary folder, one whose owner has locked parts of it too. What cannot be removed is said and left: no
 * verdict depends on it.
 */
export async function removeFolder(folder: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true }).catch(async (error: unknown) => {
      if (!['EACCES', 'EPERM'].includes(codeOf(error) ?? '')) throw error;
      await unlock(folder);
      await rm(folder, { recursive: true, force: true });
    });
  } catch (error) {
    tell(`The temporary folder ${folder} stays: ${messageOf(error)}`);
  }
}

async function unlock(folder: string): Promise<void> {
  await chmod(folder, 0o700);
  for (const entry of await readdir(folder, { withFileTypes: true }))
    if (entry.isDirectory()) await unlock(join(folder, entry.name));
}
