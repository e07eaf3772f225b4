import { readdirSync, readFileSync } from 'node:fs';
import { codeOf } from './errors.js';

/** A process id alone names whoever has it now; with the time of its start it names one process. */
export interface ProcessId {
  readonly pid: number;
  /** In the kernel's ticks since the machine started. */
  readonly started: string;
}

export interface ProcessEntry extends ProcessId {
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** It ended, and nobody has asked how. */
  readonly zombie: boolean;
}

/** All processes, from /proc; none on systems without it. */
export function readProcessTable(): ProcessEntry[] {
  return listProcessIds().flatMap((pid) => readProcess(pid) ?? []);
}

/** Null where there is no such process, or no /proc. */
export function readProcess(pid: number): ProcessEntry | null {
  const text = readProcFile(pid, 'stat');
  if (text === null) return null;
  // The program's name stands in brackets and may hold any character.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const number = (at: number) => Number(fields[at]);
  const started = fields[19] ?? '';
  return { pid, started, parent: number(1), group: number(2), session: number(3), zombie: fields[0] === 'Z' };
}

/** Whether this very process still runs. */
export function isRunning({ pid, started }: ProcessId): boolean {
  const found = readProcess(pid);
  return found !== null && found.started === started && !found.zombie;
}

/** A variable of the environment that a process was started with; null where it has none, or is another user's. */
export function readVariable(pid: number, name: string): string | null {
  const found = readProcFile(pid, 'environ')
    ?.split('\0')
    .find((variable) => variable.startsWith(`${name}=`));
  return found === undefined ? null : Buffer.from(found.slice(name.length + 1), 'latin1').toString('utf8');
}

function listProcessIds(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

function readProcFile(pid: number, name: string): string | null {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'latin1');
  } catch (error) {
    // It ended meanwhile (ESRCH while it is read), or belongs to another user.
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(codeOf(error) ?? '')) return null;
    throw error;
  }
}
