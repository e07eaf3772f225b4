import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, extname, isAbsolute, join, relative } from 'node:path';
import { codeOf, messageOf, UserError } from '../../harness/support/errors.js';

/** One picture to predict, and where its results go below `save_dir`. */
export interface ListedImage {
  readonly path: string;
  readonly name: string;
}

const endings = ['.jpeg', '.jpg', '.bmp', '.png'];

/**
 * The pictures that `--image_path` names: one picture, a text file whose lines begin with a picture each, or a folder of any depth.
 * Source: get_image_list in paddleseg/utils/utils.py, 2.8.0. Differs: a folder's pictures come in the order of their names.
 * @throws UserError where there is none
 */
export async function listImages(path: string): Promise<ListedImage[]> {
  const images = await listAt(path);
  if (images.length > 0) return images;
  throw new UserError(`Cannot predict ${path}: it names no picture; at least one of ${endings.join(', ')} is wanted`);
}

async function listAt(path: string): Promise<ListedImage[]> {
  const kind = await stat(path).catch((error: unknown) => {
    const why = codeOf(error) === 'ENOENT' ? 'it is not there' : messageOf(error);
    throw new UserError(`Cannot predict ${path}: ${why}; a picture, a list of pictures or a folder is wanted`);
  });
  if (kind.isDirectory()) return listFolder(path);
  if (isPicture(path)) return [{ path, name: relative(dirname(path), path) }];
  const lines = (await readFile(path, 'utf8')).split(/\r\n|\r|\n/);
  const names = lines.flatMap((line) => line.trim().split(/\s+/)[0] || []);
  return names.map((name) => ({ path: isAbsolute(name) ? name : join(dirname(path), name), name }));
}

async function listFolder(folder: string): Promise<ListedImage[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  return found
    .filter(
      (entry) => (entry.isFile() || entry.isSymbolicLink()) && !entry.name.startsWith('.') && isPicture(entry.name),
    )
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => ({ path, name: relative(folder, path) }));
}

function isPicture(path: string): boolean {
  return endings.includes(extname(path).toLowerCase());
}
