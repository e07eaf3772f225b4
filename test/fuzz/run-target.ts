import { spawn } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { FuzzReport } from './fuzz-worker.js';

export interface TargetRun {
  readonly module: string;
  readonly name: string;
  readonly file: string;
  readonly folder: string;
  readonly seed: number;
  readonly seconds: number;
  /** Seconds of the clock on one input, after which it hangs. */
  readonly hangSeconds: number;
}

/**
 * Kilobytes of data that the child may hold: the system refuses more. The heap of JavaScript has a limit of its own.
 */
const dataKb = 1_500_000;
const heapMb = 600;

/** Runs one format in a child with a limit on memory, and ends it where it hangs. */
export async function runTarget({ hangSeconds, ...run }: TargetRun): Promise<FuzzReport> {
  const { module, name, file, folder, seed, seconds } = run;
  const worker = join(import.meta.dirname, 'fuzz-worker.js');
  const args = [`--max-old-space-size=${heapMb}`, worker, module, name, folder, String(seed), String(seconds)];
  // Where a system has no such limit, that of the heap remains.
  const script = `ulimit -d ${dataKb} 2> /dev/null; exec "$0" "$@"`;
  const child = spawn('sh', ['-c', script, process.execPath, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { out: '', err: '' };
  child.stdout.on('data', (text) => {
    said.out = (said.out + text).slice(-200_000);
  });
  child.stderr.on('data', (text) => {
    said.err = (said.err + text).slice(-4000);
  });
  const input = join(folder, file);
  let began = Date.now();
  let isHung = false;
  const watch = setInterval(() => {
    if (existsSync(input)) began = Math.max(began, statSync(input).mtimeMs);
    if (Date.now() - began <= hangSeconds * 1000) return;
    isHung = true;
    child.kill('SIGKILL');
  }, 500);
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) =>
    child.once('close', (code, signal) => resolve([code, signal])),
  );
  clearInterval(watch);
  if (isHung) return failed(`it hung on ${input}`);
  if (code !== 0) return failed(`the child ended with ${signal ?? code} on ${input}: ${said.err.slice(-2000)}`);
  return JSON.parse(said.out.trim().split('\n').at(-1)!) as FuzzReport;
}

function failed(fault: string): FuzzReport {
  return { inputs: 0, read: 0, fault };
}
