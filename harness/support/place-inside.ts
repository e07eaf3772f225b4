import { readlink, realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, normalize, relative, resolve, sep } from 'node:path';
import { cannot, codeOf } from './errors.js';
import { nullAt } from './null-at.js';

/**
 * The path of what is written, moved or deleted under a name that comes from a file, a list or an address. By its real
 * path it stays under the folder that the user named.
 * @param folder what the user named: it may be a link itself, and need not be there yet
 * @param name from the folder
 * @param subject what has this name, and where the name stands: `the mask of photo.png (images.txt)`
 * @returns the path as it is to be used; a `..` in it is gone
 * @throws UserError where it leaves the folder (by `..`, absolutely or through a link) or is the folder itself
 */
export async function placeInside(folder: string, name: string, subject: string): Promise<string> {
  const path = isAbsolute(name) ? normalize(name) : join(folder, name);
  const [root, place] = name.includes('\0') ? ['', null] : [await realPlace(folder), await realPlace(path)];
  if (place !== null && place !== root && isInside(root, place)) return path;
  const shown = folder === '' ? '.' : folder;
  const is = place === root ? `is the folder ${shown} itself` : `leaves the folder ${shown}`;
  throw cannot('write', subject, `${name} ${is}`, 'a place within it is wanted');
}

/** Whether a path is the folder or lies in it. Both are whole and real. */
export function isInside(folder: string, path: string): boolean {
  const rest = relative(folder, path);
  return rest !== '..' && !rest.startsWith(`..${sep}`) && !isAbsolute(rest);
}

const noLink = nullAt('EINVAL', 'ENOENT', 'ENOTDIR');

/**
 * The real path of a place, of which only the first folders may be there. A link to what is not there counts as its
 * target.
 */
export async function realPlace(path: string): Promise<string> {
  const whole = resolve(path);
  try {
    return await realpath(whole);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' && codeOf(error) !== 'ENOTDIR') throw error;
    const target = await readlink(whole).catch(noLink);
    const parent = dirname(whole);
    if (target !== null) return realPlace(resolve(await realPlace(parent), target));
    return parent === whole ? whole : join(await realPlace(parent), basename(whole));
  }
}
