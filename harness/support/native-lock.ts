import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import lockfile from 'proper-lockfile';
import { tell } from './console.js';
import { EnvironmentError, messageOf } from './errors.js';
import { nullIfGone } from './null-at.js';
import { parseJson } from './parse-json.js';

/** A lock not touched for this long belongs to a process that was killed; the holder touches it four times as often. */
const staleMs = 10_000;
const pollMs = 500;

/** What a process that waits may be told of the one that works. */
interface Status {
  readonly pid: number;
  readonly host: string;
  readonly text: string;
}

/**
 * Runs `work` as the only process that builds `folder`. Waits for another that does so, reporting its status through
 * `onWait`. `work` may say what it is doing through its argument, for those who wait.
 */
export async function withNativeLock<T>(
  folder: string,
  work: (say: (text: string) => void) => Promise<T>,
  onWait: (status: string) => void,
): Promise<T> {
  await mkdir(dirname(folder), { recursive: true });
  const release = await acquire(folder, onWait);
  const say = (text: string) => {
    const status: Status = { pid: process.pid, host: hostname(), text };
    writeFileSync(statusPath(folder), JSON.stringify(status));
  };
  try {
    say('at work');
    return await work(say);
  } finally {
    await rm(statusPath(folder), { force: true });
    await release();
  }
}

/** Whether a live process holds the lock of `folder`. */
export async function isNativeLockHeld(folder: string): Promise<boolean> {
  if (!existsSync(lockPath(folder))) return false;
  const status = readStatus(folder);
  if (status !== null && isKnownDead(status)) return false;
  return lockfile.check(folder, { stale: staleMs, realpath: false });
}

/** What the holder of the lock of `folder` last said, or a general word. */
export function nativeStatus(folder: string): string {
  return readStatus(folder)?.text ?? 'at work';
}

async function acquire(folder: string, onWait: (status: string) => void): Promise<() => Promise<void>> {
  for (;;) {
    try {
      return await lockfile.lock(folder, { stale: staleMs, update: staleMs / 4, realpath: false, onCompromised });
    } catch (error) {
      if (!isLocked(error)) throw new EnvironmentError(`Cannot lock ${folder}: ${messageOf(error)}`);
    }
    const held = await isNativeLockHeld(folder);
    onWait(held ? nativeStatus(folder) : `it was killed, its lock is free within ${staleMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

/**
 * A machine that slept may find its lock taken: what it builds goes to a temporary folder, so going on does no harm.
 */
function onCompromised(error: Error): void {
  tell(`The lock was lost (${error.message}); going on.`);
}

function isLocked(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ELOCKED';
}

function lockPath(folder: string): string {
  return `${folder}.lock`;
}

function statusPath(folder: string): string {
  return `${folder}.status.json`;
}

/** Null where none is there, or it is being written. */
function readStatus(folder: string): Status | null {
  try {
    return parseJson(readFileSync(statusPath(folder), 'utf8')) as Status;
  } catch (error) {
    return error instanceof SyntaxError ? null : nullIfGone(error);
  }
}

/** Of another host (a container that shares the cache) nothing is known but the age of its lock. */
function isKnownDead({ pid, host }: Status): boolean {
  if (host !== hostname()) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}
