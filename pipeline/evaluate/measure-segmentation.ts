import { type AbsentClass, type Confusion, classIou, meanIou } from '../../harness/metrics/confusion.js';
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
  const { classes, counts } = confusion;
  const at = Array.from({ length: classes }, (_, i) => i);
  const labels = at.map((i) => sum(at.map((j) => counts[i * classes + j]!)));
  const predictions = at.map((i) => sum(at.map((j) => counts[j * classes + i]!)));
  const hits = at.map((i) => counts[i * classes + i]!);
  const total = sum(labels);
  const agreement = sum(hits) / total;
  const chance = sum(at.map((i) => predictions[i]! * labels[i]!)) / (total * total);
  const ious = classIou(confusion);
  return {
    mIoU: meanIou(confusion, absent),
    Acc: sum(hits) / sum(predictions),
    Kappa: (agreement - chance) / (1 - chance),
    Dice: mean(at.map((i) => shareOr0(2 * hits[i]!, predictions[i]! + labels[i]!))),
    classIou: ious.map((iou) => iou ?? (absent === 'skip' ? Number.NaN : absent)),
    classPrecision: at.map((i) => shareOr0(hits[i]!, predictions[i]!)),
    classRecall: at.map((i) => shareOr0(hits[i]!, labels[i]!)),
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

function shareOr0(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}
