import { createHash } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { readProcess } from './process-table.js';

/**
 * Begins the name of this process's scratches: it says whose they are, so that no file has to that may be missing or a
 * lie.
 */
export function scratchPrefix(): string {
  return `tipcheck-${placeOfProcesses()}-${process.pid}-${readProcess(process.pid)?.started ?? '0'}-`;
}

/** Place of processes, process id and start of the owner. */
export const scratchName = /^tipcheck-([0-9a-f]{8})-(\d+)-(\d+)-[A-Za-z0-9]{6}$/;

/** In the environment of what was started for a scratch: its folder. */
export const scratchVariable = 'TIPCHECK_SCRATCH';

/** In a scratch's folder: process ids and the times of their starts. */
export const processesFile = 'processes';

/**
 * Where a process id means something: containers that share a temporary folder number their processes each for itself.
 */
export function placeOfProcesses(): string {
  return createHash('sha256').update(`${hostname()} ${processNamespace()}`).digest('hex').slice(0, 8);
}

function processNamespace(): string {
  return process.platform === 'linux' ? readlinkSync('/proc/self/ns/pid') : '';
}
