import { existsSync } from 'node:fs';
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { execa, execaSync } from 'execa';
import { packageRoot } from '../../harness/support/package-root.js';

/** Inputs that broke tipcheck lie beside a checkout for those who have them, and may not be copied into it. */
export const casesFolder = join(packageRoot, '..', 'shared', 'cases');

/** What came of a command. */
export interface Ran {
  /** Null where it was killed. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Kills it after this time. */
  readonly seconds?: number;
}

/** A scratch folder for the rows of one table, and how commands run there. */
export interface Place {
  readonly folder: string;
  path(...parts: string[]): string;
  tipcheck(args: readonly string[], options?: RunOptions): Promise<Ran>;
  shell(script: string, options?: RunOptions): Promise<Ran>;
  /** Puts the bundles of make-bundles.mjs into `bundles/`. They are made once for all tables. */
  putBundles(): Promise<void>;
  /** Does a piece of work that several rows stand on the first time that it is asked for. */
  once<T>(name: string, work: () => Promise<T>): Promise<T>;
}

/** @param shared a folder for what is made once for all tables */
export async function createPlace(folder: string, shared: string): Promise<Place> {
  await mkdir(folder, { recursive: true });
  const done = new Map<string, Promise<unknown>>();
  return {
    folder,
    path: (...parts) => join(folder, ...parts),
    tipcheck: (args, options) => run(process.execPath, [program, ...args], folder, options),
    shell: (script, options) => run('sh', ['-c', script], folder, options),
    async putBundles() {
      madeBundles ??= makeBundles(shared);
      await madeBundles;
      await symlink(join(shared, 'bundles'), join(folder, 'bundles'));
    },
    once<T>(name: string, work: () => Promise<T>) {
      if (!done.has(name)) done.set(name, work());
      return done.get(name) as Promise<T>;
    },
  };
}

/** Why rows cannot run, or false. */
export function findLack(python: readonly string[] | null): string | false {
  if (!existsSync(join(casesFolder, 'README.md'))) return 'not run: ../shared/cases is not there';
  if (python === null) return false;
  const { exitCode } = execaSync('python3', ['-c', `import ${python.join(', ')}`], { reject: false });
  return exitCode === 0 ? false : `not run: python3 does not import ${python.join(', ')}`;
}

/** For env: tap's loader, which takes signals and opens files, stays out of the programs that a test starts. */
export const withoutLoader = ['-u', 'NODE_OPTIONS'];

let madeBundles: Promise<void> | null = null;

async function makeBundles(shared: string): Promise<void> {
  const { exitCode, stderr } = await run('sh', ['-c', 'OUT=bundles node "$CASES/judge/make-bundles.mjs"'], shared);
  if (exitCode !== 0) throw new Error(stderr);
}

const program = join(packageRoot, 'cli', 'tipcheck.mjs');

async function run(file: string, args: readonly string[], folder: string, options: RunOptions = {}): Promise<Ran> {
  const { NODE_OPTIONS, ...env } = options.env ?? {};
  const nodeOptions = NODE_OPTIONS === undefined ? [] : [`NODE_OPTIONS=${NODE_OPTIONS}`];
  const ended = await execa('env', [...withoutLoader, ...nodeOptions, file, ...args], {
    reject: false,
    cwd: options.cwd ?? folder,
    stdin: 'ignore',
    timeout: (options.seconds ?? 600) * 1000,
    killSignal: 'SIGKILL',
    env: {
      TIPCHECK: packageRoot,
      CASES: casesFolder,
      TIPCHECK_SKIP_ENSURE: '1',
      TF_CPP_MIN_LOG_LEVEL: '3',
      ...env,
    },
  });
  const { stdout, stderr, durationMs } = ended;
  return { exitCode: ended.exitCode ?? null, stdout, stderr, seconds: durationMs / 1000 };
}
