import { appendFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endAbandoned } from './end-abandoned.js';
import { endAtExit } from './end-at-exit.js';
import { explainSystem } from './explain-system.js';
import { type ProcessId, readProcess } from './process-table.js';
import { endProcessTree, findProcessTree, killProcessTree } from './process-tree.js';
import { removeFolder } from './remove-folder.js';
import { processesFile, scratchPrefix, scratchVariable } from './scratch-name.js';

/**
 * A temporary folder and the processes that were started for it. Both are gone when it is closed, and when tipcheck is
 * interrupted; after a kill of tipcheck the next one ends and removes them (end-abandoned.ts).
 */
export interface Scratch {
  readonly folder: string;
  /** For what is started: by it also those are known whose parents have ended. */
  readonly environment: Readonly<Record<string, string>>;
  /** Takes a process, which leads a group of its own. Undefined, of one that did not start, is nothing. */
  adopt(pid: number | undefined): void;
  /** Notes the processes that there are now. Once a parent has ended, its children cannot be found through it. */
  look(): void;
  /** Ends all processes: TERM, then KILL after `graceMs`. */
  endProcesses(graceMs?: number): Promise<void>;
  /** Ends all processes and removes the folder. Safe to call twice. */
  close(): Promise<void>;
}

export async function openScratch(): Promise<Scratch> {
  tidied ??= endAbandoned();
  await tidied;
  const folder = makeFolder();
  const known: ProcessId[] = [];
  const find = () => findProcessTree(known, folder);
  const endProcesses = (graceMs = defaultGraceMs) => endProcessTree(known, find, graceMs);
  let closed: Promise<void> | null = null;
  const close = async () => {
    await endProcesses();
    await removeFolder(folder);
    forget();
  };
  const forget = endAtExit({
    end: () => scratch.close(),
    endNow() {
      killProcessTree(known, find());
      rmSync(folder, { recursive: true, force: true });
    },
  });
  const scratch: Scratch = {
    folder,
    environment: { [scratchVariable]: folder },
    adopt(pid) {
      if (pid === undefined) return;
      const one = { pid, started: readProcess(pid)?.started ?? '' };
      known.push(one);
      appendFileSync(join(folder, processesFile), `${one.pid} ${one.started}\n`);
    },
    look() {
      known.push(...find());
    },
    endProcesses,
    close() {
      closed ??= close();
      return closed;
    },
  };
  return scratch;
}

let tidied: Promise<void> | null = null;

/** What a program has to end by itself after TERM. */
const defaultGraceMs = 2000;

/** Within the scratch that this process was started for, so that it goes with it. */
function makeFolder(): string {
  const outer = process.env[scratchVariable];
  const parent = outer !== undefined && existsSync(outer) ? outer : tmpdir();
  try {
    return mkdtempSync(join(parent, scratchPrefix()));
  } catch (error) {
    throw explainSystem(error) ?? error;
  }
}
