import { UserError } from '../../harness/support/errors.js';
import { listPictures } from './list-pictures.js';
import { readPair } from './measure-predictions.js';

/** Two folders of predictions, pixel by pixel. */
export interface FolderComparison {
  readonly images: number;
  readonly pixels: number;
  readonly different: number;
  /**
   * Pixels that differ, by class: what one folder has there and the other has not. Largest first; classes without any
   * are left out.
   */
  readonly classes: readonly ChangedClass[];
  /** Pictures with differing pixels, most first. */
  readonly pictures: readonly { readonly name: string; readonly different: number; readonly pixels: number }[];
}

export interface ChangedClass {
  readonly class: number;
  /** Pixels of this class in the expected folder that are another class in the actual one. */
  readonly lost: number;
  /** Pixels of this class in the actual folder that are another class in the expected one. */
  readonly gained: number;
  /** Pixels that have it in both. */
  readonly kept: number;
}

/**
 * Pictures are paired by their paths below the two folders; each must be in both.
 * @throws UserError for a picture of one folder alone, and for other sizes
 */
export async function compareFolders(actualFolder: string, expectedFolder: string): Promise<FolderComparison> {
  const [actual, expected] = [await listPictures(actualFolder), await listPictures(expectedFolder)];
  refuseStray(actual, actualFolder, expected, expectedFolder);
  refuseStray(expected, expectedFolder, actual, actualFolder);
  const counts = { lost: new Float64Array(256), gained: new Float64Array(256), kept: new Float64Array(256) };
  const pictures = [];
  for (const [name, path] of actual) {
    const [ours, theirs] = await readPair(path, expected.get(name)!);
    pictures.push({ name, pixels: ours.data.length, different: countPixels(ours.data, theirs.data, counts) });
  }
  const classes = Array.from({ length: 256 }, (_, at) => ({
    class: at,
    lost: counts.lost[at]!,
    gained: counts.gained[at]!,
    kept: counts.kept[at]!,
  }));
  return {
    images: pictures.length,
    pixels: pictures.reduce((sum, { pixels }) => sum + pixels, 0),
    different: pictures.reduce((sum, { different }) => sum + different, 0),
    classes: classes
      .filter(({ lost, gained }) => lost + gained > 0)
      .sort((a, b) => b.lost + b.gained - a.lost - a.gained),
    pictures: pictures.filter(({ different }) => different > 0).sort((a, b) => b.different - a.different),
  };
}

function countPixels(
  actual: Uint8Array,
  expected: Uint8Array,
  counts: Readonly<Record<'lost' | 'gained' | 'kept', Float64Array>>,
): number {
  let different = 0;
  for (let at = 0; at < actual.length; at++) {
    const [ours, theirs] = [actual[at]!, expected[at]!];
    if (ours === theirs) counts.kept[ours]!++;
    else {
      different++;
      counts.gained[ours]!++;
      counts.lost[theirs]!++;
    }
  }
  return different;
}

function refuseStray(
  pictures: ReadonlyMap<string, string>,
  folder: string,
  others: ReadonlyMap<string, string>,
  otherFolder: string,
): void {
  const stray = [...pictures.keys()].filter((name) => !others.has(name));
  if (stray.length === 0) return;
  const more = stray.length === 1 ? '' : ` (and ${stray.length - 1} more)`;
  throw new UserError(
    `Cannot compare ${folder} with ${otherFolder}: ${stray[0]}${more} is in the first and not in the second; the same pictures are wanted in both`,
  );
}
