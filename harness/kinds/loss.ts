import type { Kind } from './index.js';

/** The loss of the first step (CONTRACT, section 3): its noise is at least 2^-22 of its value. */
export const kind: Kind = {
  name: 'loss',
  phase: 'train',
  step: 'loss',
  names: /^loss\/0$/,
  cause: 4,
  nearest: 'first',
  words: 'the first loss',
  missing: 'the port gave no such figure',
  limits: [{ figure: 'error', unit: '× noise', limit: 8, because: 'contract: a loss agrees within 8 × its noise' }],
  tells: true,
  isInformative: (noise) => noise * 8 < 1,
  hint: () =>
    'The forward of training is at fault, or the loss: look at batch statistics, at the scaling of what is dropped, at NMF’s TRAIN_STEPS, and at the pixels that the loss is averaged over.',
};
