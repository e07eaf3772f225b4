import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf } from './errors.js';
import { isRunning, type ProcessEntry, type ProcessId, readProcessTable, readVariable } from './process-table.js';
import { scratchName, scratchVariable } from './scratch-name.js';

/**
 * The processes that stem from `roots`: children of children, members of the groups and sessions that they lead, and
 * whoever was started for the scratch `folder`, as its environment says, since a child whose parent has ended is
 * nobody's child. Never this process.
 */
export function findProcessTree(roots: readonly ProcessId[], folder: string): ProcessId[] {
  const table = readProcessTable().filter(({ pid }) => pid !== process.pid && pid !== 1);
  const started = new Map(table.map((entry) => [entry.pid, entry.started]));
  // A number that another process has now leads no group of ours any more.
  const own = new Set(roots.filter((root) => (started.get(root.pid) ?? root.started) === root.started).map(pidOf));
  addDescendants(own, table);
  // Of few the environment is asked for: those younger than the scratch's owner whose parent, an heir of orphans, is
  // older.
  const since = Number(scratchName.exec(basename(folder))?.[3] ?? 0);
  const isOrphan = (parent: number) => Number(started.get(parent) ?? 0) < since;
  for (const entry of table)
    if (
      !own.has(entry.pid) &&
      Number(entry.started) >= since &&
      isOrphan(entry.parent) &&
      wasStartedFor(folder, entry.pid)
    )
      own.add(entry.pid);
  addDescendants(own, table);
  return table.filter(({ pid, zombie }) => own.has(pid) && !zombie);
}

function addDescendants(own: Set<number>, table: readonly ProcessEntry[]): void {
  const stems = ({ pid, parent, group, session }: ProcessEntry) =>
    !own.has(pid) && (own.has(parent) || own.has(group) || own.has(session));
  for (let found = table.filter(stems); found.length > 0; found = table.filter(stems))
    for (const { pid } of found) own.add(pid);
}

/**
 * Ends what `find` finds: TERM, then KILL for what is still there after `graceMs`, and for what was started meanwhile.
 * Without /proc, `find` finds nothing: then the groups that `roots` lead get both signals.
 */
export async function endProcessTree(
  roots: readonly ProcessId[],
  find: () => readonly ProcessId[],
  graceMs: number,
): Promise<void> {
  signal(roots, find(), 'SIGTERM');
  const until = performance.now() + graceMs;
  while (performance.now() < until && find().some(isRunning)) await sleep(pollMs);
  for (let round = 0; round < rounds; round++) {
    const left = find().filter(isRunning);
    if (round > 0 && left.length === 0) return;
    signal(roots, left, 'SIGKILL');
    await sleep(pollMs);
  }
}

/** As `endProcessTree`, for a process that has no time left. */
export function killProcessTree(roots: readonly ProcessId[], found: readonly ProcessId[]): void {
  signal(roots, found, 'SIGKILL');
}

/** Or for a scratch within it. */
function wasStartedFor(folder: string, pid: number): boolean {
  const named = readVariable(pid, scratchVariable);
  return named !== null && (named === folder || named.startsWith(`${folder}/`));
}

const pollMs = 20;
/** What is killed is gone within milliseconds, unless the kernel itself holds it; so many polls are waited for that. */
const rounds = 100;

function signal(roots: readonly ProcessId[], found: readonly ProcessId[], name: NodeJS.Signals): void {
  if (found.length > 0) for (const one of found) if (isRunning(one)) send(one.pid, name);
  if (process.platform !== 'linux') for (const { pid } of roots) send(-pid, name);
}

/** What has ended, or has become another user's, needs no signal. */
function send(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!['ESRCH', 'EPERM'].includes(codeOf(error) ?? '')) throw error;
  }
}

function pidOf({ pid }: ProcessId): number {
  return pid;
}
