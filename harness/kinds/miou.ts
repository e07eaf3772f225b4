import { kind as confusion } from './confusion.js';
import type { Kind } from './index.js';

/** The mIoU of a mode beside the golden's: over all images, and whether both are equal within a suite's bound. */
export const kind: Kind = {
  ...confusion,
  name: 'miou',
  names: /\/mIoU$/,
  words: 'the mIoU',
  limits: [
    {
      figure: 'difference',
      unit: 'share',
      limit: 1e-5,
      because: 'half of the last digit that PaddleSeg prints is 5e-5',
    },
    // The farther end of the 90 % interval over images. A suite says what it may be.
    { figure: 'interval', unit: 'share', limit: null, because: null },
  ],
};
