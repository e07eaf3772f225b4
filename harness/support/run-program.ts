import { execa, type Options, type ResultPromise } from 'execa';
import { codeOf } from './errors.js';
import { type Exit, exitOf } from './exit-of.js';
import { openScratch } from './scratch.js';

export interface ProgramEnd extends Exit {
  /** The system's code where the program could not be started: ENOENT, EACCES. */
  readonly code: string | null;
  readonly timedOut: boolean;
  /** Empty where they went elsewhere. */
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProgramOptions
  extends Pick<Options, 'cwd' | 'stdio' | 'stdin' | 'stdout' | 'stderr' | 'all' | 'buffer'> {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs?: number;
  /** Once it runs; for its streams. */
  readonly onStart?: (subprocess: ResultPromise<Options>) => void;
}

/**
 * Runs a program in a process group of its own. Nothing that it started outlives its end, its time or ours: children
 * that go on, and would hold its streams open, are ended with it.
 */
export async function runProgram(
  command: string,
  args: readonly string[],
  { timeoutMs, onStart, env, ...options }: ProgramOptions = {},
): Promise<ProgramEnd> {
  const scratch = await openScratch();
  try {
    const more = { reject: false, detached: true, cleanup: false, env: { ...env, ...scratch.environment } } as const;
    const subprocess: ResultPromise<Options> = execa(command, args, { ...options, ...more } as Options);
    scratch.adopt(subprocess.pid);
    onStart?.(subprocess);
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      void scratch.endProcesses();
    }, timeoutMs ?? longestTimer);
    const exit = await exitOf(subprocess as never);
    clearTimeout(timer);
    await scratch.endProcesses();
    const ended = await subprocess;
    return { ...exit, code: codeOf(ended), timedOut, stdout: textOf(ended.stdout), stderr: textOf(ended.stderr) };
  } finally {
    await scratch.close();
  }
}

/** Of setTimeout: 24 days. */
const longestTimer = 2 ** 31 - 1;

function textOf(output: unknown): string {
  return typeof output === 'string' ? output : '';
}
