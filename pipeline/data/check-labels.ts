import { readLabel } from '../image/read-label.js';
import type { DataSet } from './data-set.js';
import { validateLabel } from './read-pair.js';

/**
 * Decodes the labels of these pairs before training starts: a class that the network does not have would else end a
 * training when its picture comes, and one of the evaluation's after thousands of steps.
 * @param indices places in the data set
 * @throws UserError for the first label that is wrong, with its first pixel
 */
export async function checkLabels(
  dataSet: DataSet,
  indices: readonly number[],
  onChecked: (done: number, total: number) => void = () => undefined,
): Promise<void> {
  // `--repeats` and two lists may name a file twice.
  const paths = [...new Set(indices.flatMap((at) => dataSet.pairs[at]!.label ?? []))];
  for (const [at, path] of paths.entries()) {
    validateLabel(await readLabel(path), path, dataSet);
    onChecked(at + 1, paths.length);
  }
}
