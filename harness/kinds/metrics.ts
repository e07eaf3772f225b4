import { kind as confusion } from './confusion.js';
import type { Kind, KindLimit } from './index.js';

/** What the pipeline prints of a mode, beside what the reference prints: conventions for absent classes are in it. */
export const kind: Kind = {
  ...confusion,
  name: 'metrics',
  names: /\/metrics$/,
  words: 'a figure that the pipeline prints',
  limits: ['mIoU', 'Acc', 'Kappa', 'Dice'].map(
    (figure): KindLimit => ({
      figure,
      unit: 'absolute',
      limit: 1e-5,
      because: 'half of the last digit that PaddleSeg prints is 5e-5',
    }),
  ),
};
