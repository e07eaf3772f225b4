import { UserError } from '../../harness/support/errors.js';
import type { LabelMap, Raster } from '../image/raster.js';
import { readImage } from '../image/read-image.js';
import { readLabel } from '../image/read-label.js';
import { validateSizes } from './check-files.js';
import type { DataSet } from './data-set.js';

/**
 * Decodes one pair of a data set.
 * @throws UserError for what cannot be read, sizes that differ, and a label with a number that is no class and not ignored
 */
export async function readPair(
  dataSet: Pick<DataSet, 'pairs' | 'classes' | 'ignoreIndex' | 'channels'>,
  index: number,
): Promise<{ readonly image: Raster<Uint8Array>; readonly label: LabelMap | null }> {
  const pair = dataSet.pairs[index]!;
  const image = await readImage(pair.image, dataSet.channels);
  if (pair.label === null) return { image, label: null };
  const label = await readLabel(pair.label);
  validateSizes(image, label, pair);
  validateLabel(label, pair.label, dataSet);
  return { image, label };
}

/** @throws UserError for a number that is no class and not ignored */
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
