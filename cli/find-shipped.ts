import { existsSync } from 'node:fs';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { packageRoot } from '../harness/support/package-root.js';

/**
 * A file that tipcheck ships, where the folder has none of this name; null: the folder has one, or the package has none. Nothing outside
 * the package is shipped.
 * @param path relative to the package
 * @param folder the working folder, or where a stored run was started
 */
export function findShipped(path: string, folder = ''): string | null {
  if (isAbsolute(path) || existsSync(resolve(folder, path))) return null;
  const shipped = join(packageRoot, path);
  return !relative(packageRoot, shipped).startsWith('..') && existsSync(shipped) ? shipped : null;
}
