import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { codeOf } from './errors.js';
import { isRunning, type ProcessId, readProcess } from './process-table.js';
import { endProcessTree, findProcessTree } from './process-tree.js';
import { removeFolder } from './remove-folder.js';
import { placeOfProcesses, processesFile, scratchName } from './scratch-name.js';

/**
 * Ends and removes what a tipcheck that was killed left behind: scratches (scratch.ts) whose owner is gone. Those of
 * other users and of other machines or containers are left alone, and no process is ended that was not started for the
 * scratch.
 */
export async function endAbandoned(): Promise<void> {
  const place = placeOfProcesses();
  for (const name of listNames(tmpdir())) {
    const [, owners, pid, started] = scratchName.exec(name) ?? [];
    if (owners !== place || isOwnerThere(Number(pid), started!)) continue;
    const folder = join(tmpdir(), name);
    if (isOurs(folder)) await endScratch(folder);
  }
}

async function endScratch(folder: string): Promise<void> {
  const roots = readProcesses(folder).filter(isRunning);
  const find = () => findProcessTree(roots, folder);
  // Without /proc nothing proves that a group is still the one that was started.
  if (find().length > 0) await endProcessTree(process.platform === 'linux' ? roots : [], find, graceMs);
  await removeFolder(folder);
}

/** They saw their stdin close long ago. */
const graceMs = 500;

function isOwnerThere(pid: number, started: string): boolean {
  if (process.platform === 'linux') return readProcess(pid)?.started === started;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
}

/** In a folder that all may write anybody can make a folder of any name. */
function isOurs(folder: string): boolean {
  try {
    const found = lstatSync(folder);
    return found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o077) === 0;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

function readProcesses(folder: string): ProcessId[] {
  try {
    const lines = readFileSync(join(folder, processesFile), 'utf8').split('\n');
    return lines.flatMap((line) => {
      const [, pid, started] = /^(\d+) (\d+)$/.exec(line) ?? [];
      return pid === undefined ? [] : [{ pid: Number(pid), started: started! }];
    });
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

function listNames(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}
