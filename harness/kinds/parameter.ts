import type { Kind } from './index.js';

const because = 'contract: one element with |g| near 1e-8 moves a parameter’s figure through AdamW';

/** A parameter after the last step. */
export const kind: Kind = {
  name: 'parameter',
  phase: 'train',
  step: 'training',
  names: /^params\//,
  cause: 8,
  nearest: 'first',
  words: 'a parameter after the last step',
  missing: 'the port gave no such parameter',
  limits: [
    { figure: 'rms', unit: '× noise', limit: 16, because },
    { figure: 'largest', unit: '× noise', limit: 32, because },
  ],
  tells: true,
  isInformative: (noise) => noise * 16 < 1,
  hint: () =>
    'The gradients agree, so the update is at fault: look at parameter groups, at weight decay, at epsilon and at the correction of the moments.',
};
