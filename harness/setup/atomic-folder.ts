import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Makes `folder` whole or not at all: `fill` works in a temporary folder beside it, which takes the name when all is
 * done. Call it under the folder's lock: leftovers of a killed process are removed first.
 */
export async function writeAtomicFolder(folder: string, fill: (temporary: string) => Promise<void>): Promise<void> {
  await removeLeftovers(folder);
  const temporary = `${leftoverPrefix(folder)}${process.pid}-${randomBytes(4).toString('hex')}`;
  await mkdir(temporary, { recursive: true });
  try {
    await fill(temporary);
    if (existsSync(folder)) await rename(folder, `${temporary}-old`);
    await rename(temporary, folder);
  } finally {
    await removeLeftovers(folder);
  }
}

async function removeLeftovers(folder: string): Promise<void> {
  const prefix = basename(leftoverPrefix(folder));
  const entries = existsSync(dirname(folder)) ? await readdir(dirname(folder)) : [];
  for (const entry of entries.filter((name) => name.startsWith(prefix))) {
    await rm(join(dirname(folder), entry), { recursive: true, force: true });
  }
}

function leftoverPrefix(folder: string): string {
  return join(dirname(folder), `.${basename(folder)}.tmp-`);
}
