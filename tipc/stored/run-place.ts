import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { TipcRun } from '../../harness/result/record/tipc-run.js';
import { packageRoot, packageVersion } from '../../harness/support/package-root.js';
import { isInside } from '../../harness/support/place-inside.js';

/** Where the files of a stored run are looked for. */
export interface RunPlace {
  /** That of result.json. */
  readonly folder: string;
  /** Whether the run says where it was started; one that does not is looked at from here. */
  readonly isKnown: boolean;
  /** Where it was started. */
  readonly start: string;
  /** The run's own folder, as it was called when the run wrote there; null: it does not say. */
  readonly own: string | null;
  /** Whether this very version of tipcheck made it. */
  readonly isOurVersion: boolean;
}

export function placeOf(folder: string, { startFolder, inputs }: TipcRun, version: string): RunPlace {
  const start = resolve(startFolder === null ? '' : join(folder, startFolder));
  return {
    folder: resolve(folder),
    isKnown: startFolder !== null,
    start,
    own: inputs === null ? null : dirname(inputs.manifest.path),
    isOurVersion: version === packageVersion,
  };
}

/** Where a file of the run lies: of its own folder there where result.json lies, wherever that was moved to. */
export function locateFile({ folder, start, own }: RunPlace, path: string): string {
  const inside = own === null ? '..' : relative(resolve(start, own), resolve(start, path));
  const isInside = inside !== '' && inside !== '..' && !inside.startsWith(`..${sep}`) && !isAbsolute(inside);
  return isInside ? join(folder, inside) : resolve(start, path);
}

/** Whether a file lies in the run's own folder, which the run wrote and nobody else. */
export function isOwnFile(place: RunPlace, path: string): boolean {
  return locateFile(place, path).startsWith(`${place.folder}${sep}`);
}

/** Whether a file is one that tipcheck ships, which another version may have changed. */
export function isShippedFile({ start }: RunPlace, path: string): boolean {
  return resolve(start, path).startsWith(`${packageRoot}${sep}`) && !isInside(packageRoot, start);
}
