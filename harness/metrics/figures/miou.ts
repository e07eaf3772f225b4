import { meanIou } from '../confusion.js';
import type { EvalFigure } from '../eval-figures.js';

/** Source: mean_iou of paddleseg/utils/metrics.py; what an absent class counts is another number in release 2.8.0. */
export const figure: EvalFigure = { name: 'mIoU', since: 1, rank: 1, measure: meanIou };
