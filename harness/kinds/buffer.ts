import type { Kind } from './index.js';

const because = 'contract: honest ports stay within 3.2 × on training';

/** A running statistic after the last step. */
export const kind: Kind = {
  name: 'buffer',
  phase: 'train',
  step: 'training',
  names: /^buffers\//,
  cause: 9,
  nearest: 'first',
  words: 'a statistic after the last step',
  missing: 'the port gave no such statistic',
  limits: [
    { figure: 'rms', unit: '× noise', limit: 8, because },
    { figure: 'largest', unit: '× noise', limit: 16, because },
  ],
  tells: true,
  isInformative: (noise) => noise * 8 < 1,
  hint: () =>
    'The parameters agree, so the running statistics are kept otherwise: 0.9 of the old and 0.1 of the batch’s, the variance the biased one.',
};
