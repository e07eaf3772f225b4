import type { Segmentation } from './measure-segmentation.js';
import { formatFixed, numpyText, roundTo4 } from './numpy-text.js';

/**
 * The lines that PaddleSeg's evaluation logs, without their prefix.
 * Source: evaluate in paddleseg/core/val.py, 2.8.0.
 */
export function renderEval(images: number, found: Segmentation): string[] {
  const { mIoU, Acc, Kappa, Dice, classIou, classPrecision, classRecall } = found;
  const four = (value: number) => formatFixed(value, 4);
  return [
    `[EVAL] #Images: ${images} mIoU: ${four(mIoU)} Acc: ${four(Acc)} Kappa: ${four(Kappa)} Dice: ${four(Dice)}`,
    `[EVAL] Class IoU: \n${numpyText(roundTo4(classIou))}`,
    `[EVAL] Class Precision: \n${numpyText(roundTo4(classPrecision))}`,
    `[EVAL] Class Recall: \n${numpyText(roundTo4(classRecall))}`,
  ];
}
