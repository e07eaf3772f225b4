import { dirname, join, resolve, sep } from 'node:path';
import type { TipcRun } from '../../harness/result.js';
import { packageRoot, packageVersion } from '../../harness/support/package-root.js';

/** Where the files of a stored run are looked for. */
export interface RunPlace {
  /** That of result.json. */
  readonly folder: string;
  /** Whether the run says where it was started; one that does not is looked at from here. */
  readonly isKnown: boolean;
  /** Where it was started. */
  readonly start: string;
  /** Whether this very version of tipcheck made it. */
  readonly isOurVersion: boolean;
}

export function placeOf(folder: string, { startFolder }: TipcRun, version: string): RunPlace {
  const start = resolve(startFolder === undefined ? '' : join(folder, startFolder));
  return {
    folder: resolve(folder),
    isKnown: startFolder !== undefined,
    start,
    isOurVersion: version === packageVersion,
  };
}

/** Whether a file lies in the run's own folder, which the run wrote and nobody else. */
export function isOwnFile({ folder, start }: RunPlace, path: string): boolean {
  return resolve(start, path).startsWith(`${folder}${sep}`);
}

/** Whether a file is one that tipcheck ships, which another version may have changed. */
export function isShippedFile({ start }: RunPlace, path: string): boolean {
  return resolve(start, path).startsWith(`${packageRoot}${sep}`) && !dirname(start).startsWith(packageRoot);
}
