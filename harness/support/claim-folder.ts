import { linkSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { mkdir, rmdir, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { explainUnwritable } from './atomic-file.js';
import { tell } from './console.js';
import { endAtExit } from './end-at-exit.js';
import { codeOf, EnvironmentError } from './errors.js';
import { JsonError, parseJson } from './parse-json.js';
import { isRunning, readProcess } from './process-table.js';
import { placeOfProcesses } from './scratch-name.js';

/**
 * Takes a folder for this process alone, and makes it where it is missing. What a process left that is gone counts for
 * nothing. The claim goes with this process, and is touched while it is held: another host, or another container, has
 * no other sign of life. Such a claim is watched, by our own clock alone, for as long as six touches take.
 * @param doing for the sentence: `train`
 * @param touchMs between two touches
 * @returns gives it back; a folder that was made for it and holds nothing is removed again
 * @throws EnvironmentError while another process has it
 */
export async function claimFolder(folder: string, doing: string, touchMs = 10_000): Promise<() => Promise<void>> {
  const path = join(folder, claimFile);
  try {
    const made = await mkdir(folder, { recursive: true });
    const mine = await takeClaim(path, folder, doing, touchesMissed * touchMs);
    const pulse = new Worker(new URL('./claim-pulse.js', import.meta.url), {
      workerData: { path, touchMs },
      execArgv: [],
    });
    pulse.unref();
    // To the very end: what is interrupted may still write.
    const endNow = () => removeClaim(path, mine);
    const forget = endAtExit({ end: () => Promise.resolve(), endNow });
    return async () => {
      await pulse.terminate();
      endNow();
      forget();
      if (made !== undefined) await removeEmpty(folder);
    };
  } catch (error) {
    throw explainUnwritable(error, folder);
  }
}

const claimFile = '.tipcheck-claim';

interface Claim {
  readonly pid: number;
  /** Empty where the system does not tell. */
  readonly started: string;
  readonly host: string;
  readonly place: string;
}

/**
 * @param silentMs after so long without a touch a claim of elsewhere counts for nothing @returns what stands in the
 * claim
 */
async function takeClaim(path: string, folder: string, doing: string, silentMs: number): Promise<string> {
  const started = readProcess(process.pid)?.started ?? '';
  const own: Claim = { pid: process.pid, started, host: hostname(), place: placeOfProcesses() };
  const mine = JSON.stringify(own);
  let watched: (Seen & { readonly sinceMs: number }) | null = null;
  for (;;) {
    try {
      await writeFile(path, mine, { flag: 'wx' });
      return mine;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
    const seen = lookAt(path);
    if (seen === null) continue;
    const { claim, text, touchedMs } = seen;
    if (claim !== null && !isForeign(claim)) {
      if (isHeld(claim)) throw refusal(claim, folder, doing, path);
      removeClaim(path, text);
      continue;
    }
    if (watched?.text !== text) {
      watched = { ...seen, sinceMs: performance.now() };
      if (claim !== null) sayWaits(claim, folder, silentMs);
    }
    if (claim !== null && touchedMs !== watched.touchedMs) throw refusal(claim, folder, doing, path);
    if (performance.now() - watched.sinceMs < (claim === null ? writingMs : silentMs)) {
      await sleep(pollMs);
      continue;
    }
    if (claim !== null) sayTakenOver(claim, folder, silentMs);
    removeClaim(path, text);
  }
}

function sayWaits({ pid, host }: Claim, folder: string, silentMs: number): void {
  const seconds = Math.ceil(silentMs / 1000);
  tell(
    `Waits at most ${seconds} s for process ${pid} of the host ${host}, which claims ${folder}: one that works touches its claim`,
  );
}

function sayTakenOver({ pid, host }: Claim, folder: string, silentMs: number): void {
  const seconds = Math.ceil(silentMs / 1000);
  tell(
    `Takes ${folder} over from process ${pid} of the host ${host}, which did not touch its claim for ${seconds} s: it counts as gone`,
  );
}

/** Renamed first: of two processes that saw the same claim, one must not remove the other's new one. */
function removeClaim(path: string, seenText: string): void {
  if (lookAt(path)?.text !== seenText) return;
  const grave = `${path}.${placeOfProcesses()}-${process.pid}`;
  try {
    renameSync(path, grave);
    if (readFileSync(grave, 'utf8') !== seenText) linkSync(grave, path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' && codeOf(error) !== 'EEXIST') throw error;
  }
  rmSync(grave, { force: true });
}

/** A claim that cannot be read may be just being written. */
const writingMs = 5000;
const pollMs = 100;

/** After so many that did not come, a claim of another host or container counts for nothing. */
const touchesMissed = 6;

interface Seen {
  readonly text: string;
  /** Null for one that was never written to its end. */
  readonly claim: Claim | null;
  /** By the clock of whoever touched it, or of the disk: it says nothing beside ours. */
  readonly touchedMs: number;
}

/** Null where there is none any more. */
function lookAt(path: string): Seen | null {
  try {
    const text = readFileSync(path, 'utf8');
    return { text, claim: parseClaim(text), touchedMs: statSync(path).mtimeMs };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

function parseClaim(text: string): Claim | null {
  try {
    const { pid, started, host, place } = Object(parseJson(text));
    const texts = [started, host, place].every((value) => typeof value === 'string');
    return Number.isSafeInteger(pid) && texts ? { pid, started, host, place } : null;
  } catch (error) {
    if (error instanceof JsonError) return null;
    throw error;
  }
}

function isForeign({ place }: Claim): boolean {
  return place !== placeOfProcesses();
}

/** Of a process that can be asked. */
function isHeld({ pid, started }: Claim): boolean {
  if (started !== '') return isRunning({ pid, started });
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
}

function refusal(claim: Claim, folder: string, doing: string, path: string): EnvironmentError {
  const { pid, host } = claim;
  const other = isForeign(claim) ? ` of the host ${host}` : '';
  const fix = other === '' ? '' : `; if it is gone: rm '${path}'`;
  return new EnvironmentError(
    `Cannot ${doing} into ${folder}: process ${pid}${other} is at work there; one at a time is wanted, for two would mix their files. Fix: another folder, or wait for it${fix}`,
  );
}

async function removeEmpty(folder: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(codeOf(error) ?? '')) throw error;
  }
}
