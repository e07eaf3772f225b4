import { existsSync } from 'node:fs';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { tell } from './console.js';
import { packageRoot } from './package-root.js';

/**
 * A path as it is here, else as tipcheck ships it: `tipcheck list` and the pages name configs and pictures by their
 * place in the package. Standard error says so where the shipped one is taken. A path that is in neither place comes
 * back as it is.
 */
export function takeShipped(path: string): string {
  const shipped = findShipped(path);
  if (shipped === null) return path;
  tell(`${path} is not in this folder; the one that tipcheck ships is taken: ${shipped}`);
  return shipped;
}

/**
 * A file that tipcheck ships, where the folder has none of this name; null: the folder has one, or the package has
 * none. Nothing outside the package is shipped.
 * @param path relative to the package
 * @param folder the working folder, or where a stored run was started
 */
export function findShipped(path: string, folder = ''): string | null {
  if (isAbsolute(path) || existsSync(resolve(folder, path))) return null;
  const shipped = join(packageRoot, path);
  return !relative(packageRoot, shipped).startsWith('..') && existsSync(shipped) ? shipped : null;
}
