import { mkdir, readdir, rename } from 'node:fs/promises';
import { codeOf } from '../../harness/support/errors.js';

/**
 * Makes TIPC's folder of a mode anew. What an earlier run left there is moved aside, never written over and never taken for this
 * run's.
 * @returns where the earlier run's files are now; null where there were none
 */
export async function makeFreshFolder(folder: string, runId: string): Promise<string | null> {
  const aside = await moveAside(folder, `${folder}.before-${runId}`);
  await mkdir(folder, { recursive: true });
  return aside;
}

async function moveAside(folder: string, aside: string): Promise<string | null> {
  try {
    if ((await readdir(folder)).length === 0) return null;
    await rename(folder, aside);
    return aside;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}
