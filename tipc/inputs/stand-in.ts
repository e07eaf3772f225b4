import { readdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { RunInputs } from '../../harness/result/record/tipc-run.js';
import { hashFile } from '../../harness/support/hash-file.js';
import { nullIfNoFile } from '../../harness/support/null-at.js';
import { packageRoot } from '../../harness/support/package-root.js';
import { parseJson } from '../../harness/support/parse-json.js';
import { isInside } from '../../harness/support/place-inside.js';
import { readPlainText } from '../../harness/support/plain-file.js';

/** The data set that tipcheck ships: 12 street scenes to train on and 8 to look at, in the layout of Cityscapes. */
export const shippedData = join(packageRoot, 'fixtures', 'street');

/** Says of a folder that `tipcheck prepare` made it. */
export const marker = 'made-by-tipcheck.json';

export interface SeenData {
  /** Where the data set, or its list, lies. */
  readonly root: string;
  /** What its yml calls it; null of pictures alone. */
  readonly type: string | null;
  readonly pictures: readonly { readonly path: string; readonly sha256: string }[];
}

/**
 * What data are instead of: by the file that `prepare` left in a folder that they lie in, or, where someone took it
 * away, by what they are: a data set that calls itself Cityscapes and holds a picture that tipcheck ships is none.
 * Null: they are the user's own.
 */
export async function findStandIn({ root, type, pictures }: SeenData): Promise<string | null> {
  for (const folder of foldersAbove([root, ...pictures.map(({ path }) => dirname(path))])) {
    const marked = await readMarker(join(folder, marker));
    if (marked !== null) return marked;
  }
  if (type !== 'Cityscapes') return null;
  const shipped = await hashShipped();
  return pictures.some(({ sha256 }) => shipped.has(sha256)) ? type : null;
}

/** The files that lie in a folder. @param start where relative paths are from */
export function findWithin(
  root: string,
  files: readonly (readonly [path: string, sha256: string])[],
  start = '',
): SeenData['pictures'] {
  const folder = resolve(start, root);
  return files
    .map(([path, sha256]) => ({ path: resolve(start, path), sha256 }))
    .filter(({ path }) => isInside(folder, path));
}

/** A sentence for each data set that is none of the user's. */
export function describeStandIns({ data }: Pick<RunInputs, 'data'>): string[] {
  return data.flatMap(({ name, standsInFor }) =>
    standsInFor === null ? [] : [`${name} is stand-in data: street scenes that tipcheck ships, not ${standsInFor}`],
  );
}

function foldersAbove(paths: readonly string[]): Set<string> {
  const found = new Set<string>();
  for (const path of paths)
    for (let folder = resolve(path); !found.has(folder); folder = dirname(folder)) found.add(folder);
  return found;
}

async function readMarker(path: string): Promise<string | null> {
  try {
    const { insteadOf }: { readonly insteadOf?: unknown } =
      (parseJson(await readPlainText(path)) as { readonly insteadOf?: unknown } | null) ?? {};
    return typeof insteadOf === 'string' ? insteadOf : 'other data';
  } catch (error) {
    // What was changed by hand is still a mark.
    if (error instanceof SyntaxError) return 'other data';
    return nullIfNoFile(error);
  }
}

let hashes: Promise<ReadonlySet<string>> | null = null;

function hashShipped(): Promise<ReadonlySet<string>> {
  hashes ??= listShipped();
  return hashes;
}

async function listShipped(): Promise<ReadonlySet<string>> {
  const folder = join(shippedData, 'leftImg8bit');
  const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.png'));
  return new Set(await Promise.all(files.map((name) => hashFile(join(folder, name)))));
}
