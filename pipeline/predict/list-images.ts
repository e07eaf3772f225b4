import { readdir, stat } from 'node:fs/promises';
import { dirname, extname, isAbsolute, join, relative } from 'node:path';
import { budgets } from '../../harness/support/budgets.js';
import { codeOf, UserError } from '../../harness/support/errors.js';
import { explainSystem, whyUnread } from '../../harness/support/explain-system.js';
import { isInside, realPlace } from '../../harness/support/place-inside.js';
import { readPlain } from '../../harness/support/plain-file.js';
import { renderCount } from '../../harness/support/render-count.js';
import {
  describeContent,
  type PictureFormat,
  pictureEndings,
  pictureFormat,
  pictureFormats,
  readHead,
} from '../image/picture-format.js';

/** One picture to predict, and where its results go below `save_dir`. */
export interface ListedImage {
  readonly path: string;
  readonly name: string;
}

export interface ImageList {
  readonly images: readonly ListedImage[];
  /** Names of a folder's files that are not pictures. */
  readonly passedOver: readonly string[];
  /** Names of a folder's files that are results of an earlier run. */
  readonly ownResults: readonly string[];
}

/**
 * The pictures that `--image_path` names, without what a folder holds beside them.
 * @throws UserError where there is none
 */
export async function listImages(path: string): Promise<readonly ListedImage[]> {
  return (await readImageList(path)).images;
}

/**
 * The pictures that PaddleSeg itself takes: of a folder those with its endings alone.
 * Source: get_image_list in paddleseg/utils/utils.py, 2.8.0.
 * @throws UserError where there is none
 */
export async function listImagesOfPaddleSeg(path: string): Promise<readonly ListedImage[]> {
  const images = await listImages(path);
  if (!(await stat(path)).isDirectory()) return images;
  const taken = images.filter((image) => /\.(?:jpe?g|bmp|png)$/i.test(image.path));
  if (taken.length > 0) return taken;
  throw new UserError(
    `Cannot predict ${path}: by its ending PaddleSeg takes none of ${renderCount(images.length, 'picture')}; at least one .jpg, .jpeg, .bmp or .png is wanted`,
  );
}

/**
 * What `--image_path` names: one picture, a text file whose lines begin with a picture each, or a folder of any depth.
 * Source: get_image_list in paddleseg/utils/utils.py, 2.8.0. Differs: content says what is a picture, and then the
 * ending; a folder's pictures come in the order of their names.
 * @param resultFolders what they hold is left out of a folder that they lie in; named outright it is a picture like
 *   others
 * @throws UserError where there is no picture
 */
export async function readImageList(path: string, resultFolders: readonly string[] = []): Promise<ImageList> {
  const list = await readAt(path, resultFolders);
  if (list.images.length > 0) return list;
  throw new UserError(`Cannot predict ${path}: it names no picture; at least one, ${pictureFormats}, is wanted`);
}

async function readAt(path: string, resultFolders: readonly string[]): Promise<ImageList> {
  const kind = await stat(path).catch((error: unknown) => {
    const why = whyUnread(error, path, 'it is not there');
    throw new UserError(`Cannot predict ${path}: ${why}; a picture, a list of pictures or a folder is wanted`);
  });
  if (kind.isDirectory()) return readFolder(path, resultFolders);
  if (!kind.isFile())
    throw new UserError(
      `Cannot predict ${path}: it is not a file; a picture, a list of pictures or a folder is wanted`,
    );
  if (await isPicture(path)) return { ...nothingElse, images: [{ path, name: relative(dirname(path), path) }] };
  const names = (await readLines(path)).flatMap((line) => line.trim().split(/\s+/)[0] || []);
  const images = names.map((name) => ({ path: isAbsolute(name) ? name : join(dirname(path), name), name }));
  return { ...nothingElse, images };
}

const nothingElse = { passedOver: [], ownResults: [] };

/**
 * The lines of a list. Text holds no zero byte and is UTF-8; anything else is a file of another kind, and not a list of
 * strange names.
 */
async function readLines(path: string): Promise<string[]> {
  const bytes = await readPlain(path, budgets.textBytes);
  const text = bytes.toString('utf8');
  const isText = !bytes.includes(0) && Buffer.from(text, 'utf8').equals(bytes);
  const kind = describeContent(bytes.subarray(0, 64));
  if (isText && kind === describeContent(plainText)) return text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/);
  throw new UserError(
    `Cannot predict ${path}: ${kind}; ${pictureFormats}, a list of pictures in UTF-8 or a folder is wanted`,
  );
}

const plainText = Buffer.from('a.png');

async function readFolder(folder: string, resultFolders: readonly string[]): Promise<ImageList> {
  const found = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => !entry.isDirectory())
    .map((entry) => ({ entry, path: join(entry.parentPath, entry.name) }))
    .sort((one, other) => (one.path < other.path ? -1 : 1));
  const images: ListedImage[] = [];
  const passedOver: string[] = [];
  const ownResults: string[] = [];
  const whole = await realPlace(folder);
  const below = (await Promise.all(resultFolders.map(realPlace))).filter((place) => !isInside(place, whole));
  for (const { entry, path } of found) {
    const name = relative(folder, path);
    if (below.some((place) => isInside(place, join(whole, name)))) {
      ownResults.push(name);
      continue;
    }
    const read = (entry.isFile() || entry.isSymbolicLink()) && !entry.name.startsWith('.') && (await isPicture(path));
    if (read) images.push({ path, name });
    else passedOver.push(name);
  }
  return { images, passedOver, ownResults };
}

/** By its content, or by an ending that promises one: what then cannot be read is an error, not passed over. */
async function isPicture(path: string): Promise<boolean> {
  return pictureEndings.includes(extname(path).toLowerCase()) || (await formatOf(path)) !== null;
}

/** Null, too, for a link to a folder or to nothing, a pipe, and a file that may not be read. */
async function formatOf(path: string): Promise<PictureFormat | null> {
  try {
    return (await stat(path)).isFile() ? pictureFormat(await readHead(path)) : null;
  } catch (error) {
    if (passedOver.includes(codeOf(error) ?? '')) return null;
    throw explainSystem(error, path) ?? error;
  }
}

const passedOver = ['EACCES', 'ELOOP', 'ENOENT', 'ENOTDIR', 'EPERM'];
