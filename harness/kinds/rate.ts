import type { Kind } from './index.js';

/** The learning rate of a step (CONTRACT, section 3): its noise is 1e-9 of its value. */
export const kind: Kind = {
  name: 'rate',
  phase: 'train',
  step: 'backward',
  names: /^lr\//,
  cause: 1,
  nearest: 'first',
  words: 'a learning rate',
  missing: 'the port gave no such figure',
  limits: [
    {
      figure: 'error',
      unit: '× noise',
      limit: 1,
      because: 'contract: a learning rate is computed in float64 on both sides, so 1e-9 of it is allowed',
    },
  ],
  tells: false,
  isInformative: () => true,
  hint: () =>
    'The schedule is at fault: look at its warm-up, its end, its number of steps, and whether the first step is 0 or 1.',
};
