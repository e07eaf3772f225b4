import type { Kind } from './index.js';

/** The confusion matrix of a mode of testing. A pixel that changes its class leaves one cell and enters another. */
export const kind: Kind = {
  name: 'confusion',
  phase: 'eval',
  step: 'metric',
  names: /\/confusion$/,
  cause: null,
  nearest: 'first',
  words: 'the confusion matrix',
  missing: 'the port gave no such figure',
  limits: [
    {
      figure: 'moved',
      unit: 'share',
      limit: 1e-6,
      because: 'one pixel in a million may change its class, each explained by its margin',
    },
  ],
  tells: true,
  isInformative: () => true,
  hint: () =>
    'Logits and labels agree, so the counting is at fault: ignored pixels, absent classes, and images counted twice or not at all.',
};
