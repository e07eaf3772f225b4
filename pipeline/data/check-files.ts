import { messageOf, UserError } from '../../harness/support/errors.js';
import { readImageSize } from '../image/read-image.js';
import { readLabelSize } from '../image/read-label.js';
import type { DataSet, Pair } from './data-set.js';

/** Files that are open at a time: enough to keep a disk busy, few enough for any limit on open files. */
const filesAtOnce = 16;

/**
 * Looks into the header of every file before training starts: each exists, is an image or a label, and the two have one
 * size. What labels say is known only when they are decoded: readPair looks at that.
 * @returns the size of every picture
 * @throws UserError for the first file that is wrong, in the data set's order, with how many others are
 */
export async function checkFiles(dataSet: DataSet): Promise<readonly Size[]> {
  const sizes: Size[] = new Array(dataSet.pairs.length);
  const faults: (string | null)[] = new Array(dataSet.pairs.length).fill(null);
  let next = 0;
  const work = async () => {
    for (let i = next++; i < faults.length; i = next++)
      faults[i] = await findFault(dataSet.pairs[i]!, dataSet.channels, (size) => {
        sizes[i] = size;
      });
  };
  await Promise.all(Array.from({ length: filesAtOnce }, work));
  const [first, ...others] = faults.filter((fault) => fault !== null);
  if (first === undefined) return sizes;
  const more = others.length === 0 ? '' : ` (${others.length} more of ${faults.length} pairs have faults)`;
  throw new UserError(`${first}${more}`);
}

async function findFault(
  { image, label }: Pair,
  channels: 1 | 3,
  onSize: (size: Size) => void,
): Promise<string | null> {
  try {
    const size = await readImageSize(image, channels);
    onSize(size);
    if (label !== null) validateSizes(size, await readLabelSize(label), { image, label });
    return null;
  } catch (error) {
    if (error instanceof UserError) return messageOf(error);
    throw error;
  }
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** @throws UserError where an image and its label have different sizes */
export function validateSizes(image: Size, label: Size, pair: Pair): void {
  if (image.width === label.width && image.height === label.height) return;
  throw new UserError(
    `Cannot use ${pair.image} with ${pair.label}: they are ${image.width}×${image.height} and ${label.width}×${label.height}; one size is wanted. Fix: the label of that very picture`,
  );
}
