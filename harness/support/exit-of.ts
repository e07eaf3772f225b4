import type { ChildProcess } from 'node:child_process';

export interface Exit {
  readonly exitCode: number | null;
  readonly signal: string | null;
}

interface Completed {
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
}

/** The end of the process itself: children of it may hold its streams for ever, and execa's promise waits for those. */
export function exitOf(subprocess: Pick<ChildProcess, 'once'> & PromiseLike<Completed>): Promise<Exit> {
  const exited = new Promise<Exit>((resolve) => {
    subprocess.once('exit', (exitCode, signal) => resolve({ exitCode, signal }));
  });
  // Of a program that was not found there is no event.
  const completed = subprocess.then(({ exitCode, signal }) => ({ exitCode: exitCode ?? null, signal: signal ?? null }));
  return Promise.race([exited, completed]);
}
