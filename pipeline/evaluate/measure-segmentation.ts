import { type AbsentClass, type Confusion, classIou, countPixels, shareOr0 } from '../../harness/metrics/confusion.js';
import { measureFigures } from '../../harness/metrics/eval-figures.js';
import { UserError } from '../../harness/support/errors.js';

/** What PaddleSeg's evaluation prints. Shares, 0 to 1; Kappa may be negative or, of one class alone, NaN. */
export interface Segmentation {
  readonly mIoU: number;
  readonly Acc: number;
  readonly Kappa: number;
  readonly Dice: number;
  /** An absent class has what `absent` says; NaN where it is left out. */
  readonly classIou: readonly number[];
  readonly classPrecision: readonly number[];
  readonly classRecall: readonly number[];
  /** Classes that labels or predictions have. */
  readonly presentClasses: number;
}

/**
 * Source: mean_iou, class_measurement, kappa and dice of paddleseg/utils/metrics.py (commit d7975e7c; in release 2.8.0
 * an absent class has the IoU 0 and not 1).
 */
export function measureSegmentation(confusion: Confusion, absent: AbsentClass): Segmentation {
  const { labels, predictions, hits } = countPixels(confusion);
  const ious = classIou(confusion);
  return {
    ...measureFigures(confusion, absent),
    classIou: ious.map((iou) => iou ?? (absent === 'skip' ? Number.NaN : absent)),
    classPrecision: hits.map((hit, at) => shareOr0(hit, predictions[at]!)),
    classRecall: hits.map((hit, at) => shareOr0(hit, labels[at]!)),
    presentClasses: ious.filter((iou) => iou !== null).length,
  };
}

/**
 * Where no pixel was counted each class is absent, and counts 1: an mIoU of 1.
 * @param origin of the data set
 * @throws UserError there
 */
export function validateCounted({ presentClasses }: Segmentation, origin: string): void {
  if (presentClasses > 0) return;
  throw new UserError(
    `Cannot evaluate ${origin}: every pixel of its labels is ignored; labels with classes are wanted`,
  );
}
