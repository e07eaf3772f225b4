import type { WriteStream } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { finished } from 'node:stream/promises';
import { explainUnwritable } from '../../harness/support/atomic-file.js';
import { packageRoot } from '../../harness/support/package-root.js';
import { runProgram } from '../../harness/support/run-program.js';
import { watchMemory } from './watch-memory.js';

export interface Ended {
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** The line that says why, where the process failed. */
  readonly lastWord: string;
  /** All that it wrote, to both streams. */
  readonly output: string;
  /** What the user's program held at most, with all that it started; null of ours, which say so themselves. */
  readonly peakMb: number | null;
  readonly startedAtMs: number;
  readonly durationMs: number;
}

/**
 * Runs a program, which ends with all that it started; what it writes goes to a log, after what stands there.
 * @param program what the arguments are handed to; null: `tipcheck`
 * @param log null: to a pipe that is read and dropped
 */
export async function runLogged(
  args: readonly string[],
  log: string | null,
  environment: Readonly<Record<string, string>> = {},
  program: readonly string[] | null = null,
): Promise<Ended> {
  const file = log === null ? null : await openLog(log);
  const startedAtMs = Date.now();
  const [command, ...words] = [...(program ?? [process.execPath, join(packageRoot, 'cli', 'tipcheck.mjs')]), ...args];
  const chunks: Buffer[] = [];
  // Heard from the start: an error of a stream that nobody listens to ends the process.
  const written = file === null ? null : finished(file).then(noFault, asFault);
  let peak: () => number | null = () => null;
  const { exitCode, signal } = await runProgram(command!, words, {
    ...{ all: true, buffer: false, stdin: 'ignore' },
    env: { TIPCHECK_SKIP_ENSURE: '1', ...environment },
    onStart({ pid, all }) {
      if (program !== null && pid !== undefined) peak = watchMemory(pid);
      all?.on('data', (chunk: Buffer) => chunks.push(chunk));
      if (file !== null) all?.pipe(file);
    },
  });
  const peakMb = peak();
  const fault = await written;
  if (fault !== null) throw explainUnwritable(fault.error, log ?? 'a log');
  const output = Buffer.concat(chunks).toString('utf8');
  return {
    exitCode,
    signal,
    lastWord: lastWordOf(output.slice(-20_000)),
    output,
    peakMb,
    startedAtMs,
    durationMs: Date.now() - startedAtMs,
  };
}

/** @throws UserError where a file stands in a folder's place, or the other way round */
async function openLog(path: string): Promise<WriteStream> {
  try {
    await mkdir(dirname(path), { recursive: true });
    return (await open(path, 'a')).createWriteStream();
  } catch (error) {
    throw explainUnwritable(error, path);
  }
}

const noFault = () => null;
const asFault = (error: unknown) => ({ error });

/** The last sentence of the form `Cannot …`, else the last line. */
function lastWordOf(tail: string): string {
  const lines = tail.split('\n').filter((line) => line.trim() !== '');
  return lines.filter((line) => line.startsWith('Cannot ')).at(-1) ?? lines.at(-1) ?? 'it said nothing';
}
