import { readdir } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { UserError } from '../../harness/support/errors.js';
import { whyUnread } from '../../harness/support/explain-system.js';

/**
 * Label pictures of a folder at any depth, links among them, by path below it, in order. @throws UserError where there
 * is none
 */
export async function listPictures(folder: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    const is = whyUnread(error, folder, 'it is not there');
    throw new UserError(`Cannot compare ${folder}: ${is}; a folder of PNG pictures is wanted`);
  });
  const paths = entries
    .filter(
      (entry) =>
        (entry.isFile() || entry.isSymbolicLink()) && /\.png$/i.test(entry.name) && !entry.name.startsWith('.'),
    )
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  if (paths.length === 0) throw new UserError(`Cannot compare ${folder}: it holds no PNG; label pictures are wanted`);
  return new Map(paths.map((path) => [relative(folder, path), path]));
}

/**
 * What a prediction and its ground truth have in common in their names: the file's name, without the endings by which
 * Cityscapes tells the two apart.
 */
export function pictureName(path: string): string {
  return basename(path)
    .replace(/\.png$/i, '')
    .replace(cityscapesEnding, '');
}

/**
 * The numbers of gtFine that predictions have too are labelTrainIds; others of its pictures are not ground truth here.
 */
export function isGroundTruth(path: string): boolean {
  return !/_gtFine_(?:color|instanceIds|labelIds|instanceTrainIds)\.png$/i.test(path);
}

const cityscapesEnding = /_(?:leftImg8bit|gtFine_labelTrainIds)$/;
