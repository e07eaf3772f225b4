import type { AbsentClass } from '../../harness/metrics/confusion.js';
import { measureSegmentation } from '../evaluate/measure-segmentation.js';
import type { MeasuredPredictions } from './measure-predictions.js';

/** A metric by the name that reference files have for it. */
export type Metrics = ReadonlyMap<string, number | readonly number[]>;

/**
 * The metrics of a folder of predictions, in the order of TIPC's references.
 * Source: evaluate in test_tipc/val.py, whose `Class Acc` is what PaddleSeg calls class precision since.
 */
export function segmentationMetrics({ images, confusion }: MeasuredPredictions, absent: AbsentClass): Metrics {
  const { mIoU, Acc, Kappa, Dice, classIou, classPrecision, classRecall } = measureSegmentation(confusion, absent);
  return new Map<string, number | readonly number[]>([
    ['#Images', images],
    ['mIoU', mIoU],
    ['Acc', Acc],
    ['Kappa', Kappa],
    ['Dice', Dice],
    ['Class IoU', classIou],
    ['Class Acc', classPrecision],
    ['Class Precision', classPrecision],
    ['Class Recall', classRecall],
  ]);
}
