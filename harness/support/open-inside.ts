import { constants } from 'node:fs';
import { type FileHandle, open, realpath } from 'node:fs/promises';
import { isAbsolute, join, posix } from 'node:path';
import { packageRoot } from './package-root.js';
import { isInside, realPlace } from './place-inside.js';

/** What keeps a file from being opened, as a clause: `is a link that leaves the folder; a file within it is wanted`. */
export class UnfitFile extends Error {}

/**
 * Calls `use` with a file that another file names, and that must lie in its folder: no `..`, no link out, no second
 * hard link (its other name could be anywhere), nothing but a plain file (a pipe would be waited for, for ever). What
 * is opened is what was looked at. Differs: the goldens that this package ships may have a second name, for package
 * stores link them.
 * @throws UnfitFile; the system's error where there is no such file, or where it may not be read
 */
export async function openInside<T>(
  folder: string,
  name: string,
  use: (file: FileHandle, bytes: number) => Promise<T>,
): Promise<T> {
  if (leaves(name)) throw new UnfitFile('leaves the folder; a relative path within it is wanted');
  const real = await realpath(join(folder, name));
  if (!isInside(await realpath(folder), real))
    throw new UnfitFile('is a link that leaves the folder; a file within it is wanted');
  const file = await open(real, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  try {
    const found = await file.stat();
    if (!found.isFile()) throw new UnfitFile('is not a plain file; one is wanted');
    if (found.nlink > 1 && !isInside(await realPlace(shipped), real))
      throw new UnfitFile('has a second name elsewhere (a hard link); a file of its own is wanted. Fix: copy it');
    return await use(file, found.size);
  } finally {
    await file.close();
  }
}

/** By its text alone, on any system. */
export function leaves(name: string): boolean {
  const [first] = posix.normalize(name).split('/');
  return isAbsolute(name) || /^[A-Za-z]:/.test(name) || /[\\\0]/.test(name) || first === '..';
}

const shipped = join(packageRoot, 'fixtures');
