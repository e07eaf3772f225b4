/**
 * A lock that needs nothing but Node, for the steps that come before node_modules exists. (Everything after them uses
 * proper-lockfile.) The lock is a file made with `wx`; it names its owner, so that a lock whose owner was killed is
 * found stale at once: by process id and start time, because containers reuse process ids.
 */
import { linkSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';

const pollMs = 200;

/** The owner is of another host, which cannot be asked whether it still works. */
export class ForeignLock extends Error {}

/**
 * Runs `work` while holding the lock at `path`. Waits for a live owner, announcing it once through `onWait(owner)`. The
 * lock of a process that is gone, and one that was copied here together with its folder, are taken over.
 * @throws {ForeignLock} for one of another host, at once
 */
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
  const self = { pid: process.pid, started: startTimeOf(process.pid), host: hostname(), ...folderOf(path) };
  const mine = JSON.stringify(self);
  for (;;) {
    try {
      writeFileSync(path, mine, { flag: 'wx' });
      return null;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const seen = readLock(path);
    if (seen === null) continue;
    if (isHeld(seen, self, path)) return seen.owner.pid ?? 0;
    removeStale(path, seen.text);
  }
}

/**
 * A copy has another path and another inode; a folder that two hosts share, or that is mounted twice, has one of them.
 */
function folderOf(path) {
  const folder = realpathSync(dirname(path));
  return { folder, inode: statSync(folder).ino };
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
    return Object(JSON.parse(text));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return {};
  }
}

function isHeld({ owner, ageMs }, self, path) {
  if (owner.pid === undefined) return ageMs < 5_000;
  if (owner.folder !== undefined && owner.folder !== self.folder && owner.inode !== self.inode) return false;
  if (owner.host !== self.host) {
    throw new ForeignLock(
      `Cannot work on ${self.folder}: process ${owner.pid} of the host ${owner.host} locked it ${Math.round(ageMs / 60_000)} min ago, and this host, ${self.host}, cannot ask whether it still works; one at a time is wanted. Fix: wait for it, or if it is gone: rm '${path}'`,
    );
  }
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
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ')[19];
  } catch {
    // It ended meanwhile, or this is another system.
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
