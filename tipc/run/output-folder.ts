import { mkdir, readdir, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import lockfile from 'proper-lockfile';
import { explainUnwritable } from '../../harness/support/atomic-file.js';
import { codeOf, EnvironmentError } from '../../harness/support/errors.js';

/**
 * Runs `work` with TIPC's folder of a mode made anew. What an earlier run left there is moved aside, never written over
 * and never taken for this run's; and no other run writes there meanwhile.
 * @param work is told where the earlier run's files are now; null where there were none
 * @throws EnvironmentError where another run is at work there, UserError where no folder can be made
 */
export async function withFreshFolder<T>(
  folder: string,
  runId: string,
  work: (aside: string | null) => Promise<T>,
): Promise<T> {
  const release = await explained(folder, async () => {
    await mkdir(dirname(folder), { recursive: true });
    return lock(folder);
  });
  try {
    const aside = await explained(folder, async () => {
      const moved = await moveAside(folder, `${folder}.before-${runId}`);
      await mkdir(folder, { recursive: true });
      return moved;
    });
    return await work(aside);
  } finally {
    await release();
  }
}

/** Where a file stands in a folder's place, or nothing may be written, it is said of that folder. */
async function explained<T>(folder: string, make: () => Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (error) {
    throw explainUnwritable(error, folder);
  }
}

/**
 * A lock not touched for this long belongs to a process that was killed; judging a large picture holds the thread for
 * seconds.
 */
const staleMs = 60_000;

async function lock(folder: string): Promise<() => Promise<void>> {
  try {
    return await lockfile.lock(folder, { stale: staleMs, realpath: false });
  } catch (error) {
    if (codeOf(error) !== 'ELOCKED') throw error;
    throw new EnvironmentError(
      `Cannot run into ${folder}: another run is at work there; one at a time is wanted, for each would take the other's files for its own. Fix: wait for it; the lock of a run that was killed is given up after ${staleMs / 1000} s`,
    );
  }
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
