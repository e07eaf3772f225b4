import { readFileSync, rmSync, statSync } from 'node:fs';
import { mkdir, rm, rmdir, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { explainUnwritable } from './atomic-file.js';
import { codeOf, EnvironmentError } from './errors.js';
import { JsonError, parseJson } from './parse-json.js';
import { isRunning, readProcess } from './process-table.js';
import { placeOfProcesses } from './scratch-name.js';

/**
 * Takes a folder for this process alone, and makes it where it is missing. What a process left that is gone counts for nothing.
 * @param doing for the sentence: `train`
 * @returns gives it back; a folder that was made for it and holds nothing is removed again
 * @throws EnvironmentError while another process has it
 */
export async function claimFolder(folder: string, doing: string): Promise<() => Promise<void>> {
  const path = join(folder, claimFile);
  try {
    const made = await mkdir(folder, { recursive: true });
    await takeClaim(path, folder, doing);
    return async () => {
      await rm(path, { force: true });
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

async function takeClaim(path: string, folder: string, doing: string): Promise<void> {
  const started = readProcess(process.pid)?.started ?? '';
  const mine: Claim = { pid: process.pid, started, host: hostname(), place: placeOfProcesses() };
  for (;;) {
    try {
      return await writeFile(path, JSON.stringify(mine), { flag: 'wx' });
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
    const found = readClaim(path);
    if (found !== null && isHeld(found)) throw refusal(found, folder, doing, path);
    if (found === null && ageOf(path) < writingMs) await sleep(pollMs);
    else rmSync(path, { force: true });
  }
}

/** A claim that cannot be read may be just being written. */
const writingMs = 5000;
const pollMs = 100;

function ageOf(path: string): number {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? 0 : Date.now() - found.mtimeMs;
}

/** Null for one that was never written to its end. */
function readClaim(path: string): Claim | null {
  try {
    const { pid, started, host, place } = Object(parseJson(readFileSync(path, 'utf8')));
    const texts = [started, host, place].every((value) => typeof value === 'string');
    return Number.isSafeInteger(pid) && texts ? { pid, started, host, place } : null;
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || error instanceof JsonError) return null;
    throw error;
  }
}

/** Of another host, or of another container, nothing is known: it counts as at work. */
function isHeld({ pid, started, place }: Claim): boolean {
  if (place !== placeOfProcesses()) return true;
  if (started !== '') return isRunning({ pid, started });
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
}

function refusal({ pid, host, place }: Claim, folder: string, doing: string, path: string): EnvironmentError {
  const other = place === placeOfProcesses() ? '' : ` of the host ${host}`;
  const fix = other === '' ? 'another folder, or wait for it' : `another folder; or, if it is gone: rm '${path}'`;
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
