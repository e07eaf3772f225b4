import { createHash } from 'node:crypto';
import { UserError } from '../../harness/support/errors.js';
import type { LabelMap, Raster } from '../image/raster.js';
import { decodeImage, readImageBytes } from '../image/read-image.js';
import { decodeLabel, readLabelBytes } from '../image/read-label.js';
import { validateSizes } from './check-files.js';
import type { DataSet } from './data-set.js';

/** SHA-256 of the very bytes that were decoded, in hexadecimal: a file can change while it is waited for. */
export interface PairHashes {
  readonly image: string;
  /** Null where the pair has no label. */
  readonly label: string | null;
}

/**
 * Decodes one pair of a data set.
 * @throws UserError for what cannot be read, sizes that differ, and a label with a number that is not a class and not
 *   ignored
 */
export async function readPair(
  dataSet: Pick<DataSet, 'pairs' | 'classes' | 'ignoreIndex' | 'channels'>,
  index: number,
): Promise<{ readonly image: Raster<Uint8Array>; readonly label: LabelMap | null; readonly sha256: PairHashes }> {
  const pair = dataSet.pairs[index]!;
  const imageBytes = await readImageBytes(pair.image);
  const image = await decodeImage(imageBytes, pair.image, dataSet.channels);
  if (pair.label === null) return { image, label: null, sha256: { image: hashOf(imageBytes), label: null } };
  const labelBytes = await readLabelBytes(pair.label);
  const label = decodeLabel(labelBytes, pair.label);
  validateSizes(image, label, pair);
  validateLabel(label, pair.label, dataSet);
  return { image, label, sha256: { image: hashOf(imageBytes), label: hashOf(labelBytes) } };
}

function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** @throws UserError for a number that is not a class and not ignored */
export function validateLabel(
  { data, width }: LabelMap,
  path: string,
  { classes, ignoreIndex }: Pick<DataSet, 'classes' | 'ignoreIndex'>,
): void {
  let at = 0;
  while (at < data.length && (data[at]! < classes || data[at] === ignoreIndex)) at++;
  if (at === data.length) return;
  throw new UserError(
    `Cannot use the label ${path}: the pixel at x ${at % width}, y ${Math.floor(at / width)} is of class ${data[at]}; 0 to ${classes - 1}, or ${ignoreIndex} for none, is wanted`,
  );
}
