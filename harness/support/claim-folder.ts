import { linkSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { mkdir, rmdir, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { explainUnwritable } from './atomic-file.js';
import { endAtExit } from './end-at-exit.js';
import { codeOf, EnvironmentError } from './errors.js';
import { JsonError, parseJson } from './parse-json.js';
import { isRunning, readProcess } from './process-table.js';
import { placeOfProcesses } from './scratch-name.js';

/**
 * Takes a folder for this process alone, and makes it where it is missing. What a process left that is gone counts for nothing.
 * The claim goes with this process, and is touched while it is held: another host, or another container, has no other sign of life.
 * @param doing for the sentence: `train`
 * @param touchMs between two touches
 * @returns gives it back; a folder that was made for it and holds nothing is removed again
 * @throws EnvironmentError while another process has it
 */
export async function claimFolder(folder: string, doing: string, touchMs = 10_000): Promise<() => Promise<void>> {
  const path = join(folder, claimFile);
  try {
    const made = await mkdir(folder, { recursive: true });
    const mine = await takeClaim(path, folder, doing);
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

/** @returns what stands in the claim */
async function takeClaim(path: string, folder: string, doing: string): Promise<string> {
  const started = readProcess(process.pid)?.started ?? '';
  const claim: Claim = { pid: process.pid, started, host: hostname(), place: placeOfProcesses() };
  const mine = JSON.stringify(claim);
  for (;;) {
    try {
      await writeFile(path, mine, { flag: 'wx' });
      return mine;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
    const seen = lookAt(path);
    if (seen === null) continue;
    const { claim: found, ageMs } = seen;
    if (found === null && ageMs < writingMs) {
      await sleep(pollMs);
      continue;
    }
    if (found !== null && isHeld(found, ageMs)) throw refusal(found, folder, doing, path);
    if (found !== null && isForeign(found)) sayTakenOver(found, folder, ageMs);
    removeClaim(path, seen.text);
  }
}

function sayTakenOver({ pid, host }: Claim, folder: string, ageMs: number): void {
  process.stderr.write(
    `Takes ${folder} over from process ${pid} of the host ${host}, which has not touched its claim for ${Math.round(ageMs / 1000)} s: it counts as gone\n`,
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

/** Of another host, or another container: six touches that did not come. */
const foreignMs = 60_000;

interface Seen {
  readonly text: string;
  /** Null for one that was never written to its end. */
  readonly claim: Claim | null;
  readonly ageMs: number;
}

/** Null where there is none any more. */
function lookAt(path: string): Seen | null {
  try {
    const text = readFileSync(path, 'utf8');
    return { text, claim: parseClaim(text), ageMs: Date.now() - statSync(path).mtimeMs };
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

/** Of another host, or of another container, nothing is known but its touches. */
function isHeld(claim: Claim, ageMs: number): boolean {
  if (isForeign(claim)) return ageMs < foreignMs;
  const { pid, started } = claim;
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
  const fix =
    other === ''
      ? 'another folder, or wait for it'
      : `another folder; or, if it is gone, wait for a minute, or: rm '${path}'`;
  return new EnvironmentError(
    `Cannot ${doing} into ${folder}: process ${pid}${other} does so; one at a time is wanted, for each would take the other's files for its own. Fix: ${fix}`,
  );
}

async function removeEmpty(folder: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(codeOf(error) ?? '')) throw error;
  }
}
