/**
 * A lock that needs nothing but Node, for the steps that come before node_modules exists. (Everything after them uses
 * proper-lockfile.) The lock is a file made with `wx`; it names its owner, so that a lock whose owner was killed is found
 * stale at once: by process id and start time, because containers reuse process ids.
 */
import { linkSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** A lock from another host cannot be asked for its owner; longer than any install takes. */
const foreignLockAgeMs = 30 * 60_000;
const pollMs = 200;

/** Runs `work` while holding the lock at `path`. Waits for a live owner, announcing it once through `onWait(owner)`. */
export function withLock(path, work, onWait = () => undefined) {
  let announced = false;
  for (;;) {
    const owner = tryLock(path);
    if (owner === null) break;
    if (!announced) onWait(owner);
    announced = true;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pollMs);
  }
  try {
    return work();
  } finally {
    rmSync(path, { force: true });
  }
}

/** Takes the lock and returns null, or returns the process id of the live owner. */
function tryLock(path) {
  const mine = JSON.stringify({ pid: process.pid, started: startTimeOf(process.pid), host: hostname() });
  for (;;) {
    try {
      writeFileSync(path, mine, { flag: 'wx' });
      return null;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const seen = readLock(path);
    if (seen === null) continue;
    if (isAlive(seen)) return seen.owner.pid ?? 0;
    removeStale(path, seen.text);
  }
}

function readLock(path) {
  try {
    const text = readFileSync(path, 'utf8');
    return { text, owner: parseOwner(text), ageMs: Date.now() - statSync(path).mtimeMs };
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
}

/** A lock that was just made may still be empty: it counts as held by nobody known, for a moment. */
function parseOwner(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

function isAlive({ owner, ageMs }) {
  if (owner.pid === undefined) return ageMs < 5_000;
  if (owner.host !== hostname()) return ageMs < foreignLockAgeMs;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if (error.code === 'ESRCH') return false;
  }
  return owner.started === startTimeOf(owner.pid);
}

/** Linux only; elsewhere null, and the process id alone decides. */
function startTimeOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')[19];
  } catch {
    return null;
  }
}

/** Renamed first: of two processes that saw the same stale lock, one must not remove the other's new one. */
function removeStale(path, seenText) {
  const grave = `${path}.${process.pid}.stale`;
  try {
    renameSync(path, grave);
    if (readFileSync(grave, 'utf8') !== seenText) linkSync(grave, path);
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error;
  }
  rmSync(grave, { force: true });
}
