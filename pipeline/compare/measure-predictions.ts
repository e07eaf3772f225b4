import { basename } from 'node:path';
import { type Confusion, newConfusion } from '../../harness/metrics/confusion.js';
import { cannot, UserError } from '../../harness/support/errors.js';
import type { LabelMap } from '../image/raster.js';
import { readLabel } from '../image/read-label.js';
import { isGroundTruth, listPictures, pictureName } from './list-pictures.js';

export interface MeasuredPredictions {
  readonly images: number;
  /** Labels that no prediction is for. */
  readonly unused: number;
  readonly confusion: Confusion;
}

/**
 * Predictions of a folder against the ground truth of another, paired by name: `a.png` with `a.png`, and
 * `a_leftImg8bit.png` with `a_gtFine_labelTrainIds.png`, as Cityscapes has them. Source: test_tipc/val.py. Differs:
 * there a prediction of another size is resized, classes outside 0…classes−1 are dropped, and names must be equal.
 * @throws UserError for a prediction without ground truth, other sizes, a class that is none
 */
export async function measurePredictions(
  predictFolder: string,
  truthFolder: string,
  classes: number,
  ignored: number,
): Promise<MeasuredPredictions> {
  const truths = await indexTruths(truthFolder);
  const predictions = await listPictures(predictFolder);
  const confusion = newConfusion(classes);
  const used = new Set<string>();
  for (const path of predictions.values()) {
    const name = pictureName(path);
    const truth = truths.get(name);
    if (truth === undefined) throw unpaired(path, truthFolder);
    if (used.has(name))
      throw new UserError(
        `Cannot compare ${path}: another prediction is called ${name}, too; one of each name is wanted`,
      );
    used.add(name);
    await countPair(confusion, path, truth, ignored);
  }
  return { images: predictions.size, unused: truths.size - used.size, confusion };
}

/** @throws UserError where the two are of different sizes */
export async function readPair(actualPath: string, expectedPath: string): Promise<readonly [LabelMap, LabelMap]> {
  const [actual, expected] = [await readLabel(actualPath), await readLabel(expectedPath)];
  if (actual.height === expected.height && actual.width === expected.width) return [actual, expected];
  throw new UserError(
    `Cannot compare ${actualPath} with ${expectedPath}: it is ${actual.width}×${actual.height} and they are ${expected.width}×${expected.height}; equal sizes are wanted. Fix: predict at the size of the ground truth; nothing is resized here`,
  );
}

async function indexTruths(folder: string): Promise<ReadonlyMap<string, string>> {
  const truths = new Map<string, string>();
  for (const path of [...(await listPictures(folder)).values()].filter(isGroundTruth)) {
    const name = pictureName(path);
    const other = truths.get(name);
    if (other !== undefined)
      throw new UserError(
        `Cannot compare with ${folder}: ${other} and ${path} are both called ${name}; one label of each name is wanted`,
      );
    truths.set(name, path);
  }
  return truths;
}

async function countPair(confusion: Confusion, actualPath: string, truthPath: string, ignored: number): Promise<void> {
  const { classes, counts } = confusion;
  const [actual, truth] = await readPair(actualPath, truthPath);
  for (let at = 0; at < truth.data.length; at++) {
    const [prediction, label] = [actual.data[at]!, truth.data[at]!];
    if (label === ignored) continue;
    if (label >= classes) throw strayClass(truthPath, label, classes, ignored);
    if (prediction >= classes) throw strayClass(actualPath, prediction, classes, null);
    counts[label * classes + prediction]!++;
  }
}

function strayClass(path: string, found: number, classes: number, ignored: number | null): UserError {
  const besides = ignored === null ? '' : `, or ${ignored} for what is ignored,`;
  const wanted = `classes 0 to ${classes - 1}${besides} are wanted`;
  return cannot('compare', path, `a pixel of it is ${found}`, wanted, '--num_classes');
}

function unpaired(path: string, truthFolder: string): UserError {
  const name = pictureName(path);
  const wanted = `${name}.png or ${name}_gtFine_labelTrainIds.png is wanted (its own name is ${basename(path)})`;
  return cannot('compare', path, `${truthFolder} holds no label of its name`, wanted);
}
