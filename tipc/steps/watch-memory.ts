import { readFile } from 'node:fs/promises';

/**
 * How often the processes are looked at; each remembers its own peak, so that only one that ends in between is missed.
 */
const everyMs = 100;

/**
 * What a process and all that it started held at most, where the system tells (Linux).
 * @returns ends the watch: MB, null where nothing could be read
 */
export function watchMemory(pid: number): () => number | null {
  let peakMb = 0;
  const look = async () => {
    peakMb = Math.max(peakMb, await readPeakMb(pid));
  };
  void look();
  const timer = setInterval(() => void look(), everyMs);
  return () => {
    clearInterval(timer);
    return peakMb > 0 ? peakMb : null;
  };
}

/** 0 for a process that is no more. */
async function readPeakMb(pid: number): Promise<number> {
  const status = await readOrEmpty(`/proc/${pid}/status`);
  const own = Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024;
  const children = (await readOrEmpty(`/proc/${pid}/task/${pid}/children`)).split(' ').filter((text) => text !== '');
  const peaks = await Promise.all(children.map((child) => readPeakMb(Number(child))));
  return peaks.reduce((sum, peak) => sum + peak, own);
}

/**
 * Processes end while they are looked at, and other systems have no such files: whatever keeps from looking, nothing
 * was seen.
 */
function readOrEmpty(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
