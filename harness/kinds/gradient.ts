import type { Kind } from './index.js';

const because = 'contract: honest ports stay within 3.2 × on training';

/**
 * The gradient of a parameter in the first step. A wrong one makes all before it wrong, so the last is nearest to the
 * loss.
 */
export const kind: Kind = {
  name: 'gradient',
  phase: 'train',
  step: 'backward',
  names: /^grads\//,
  cause: 5,
  nearest: 'last',
  words: 'the wrong gradient that is nearest to the loss',
  missing: 'the port gave no such gradient',
  limits: [
    { figure: 'rms', unit: '× noise', limit: 8, because },
    { figure: 'largest', unit: '× noise', limit: 16, because },
  ],
  tells: true,
  // CONTRACT, section 1, "Not informative".
  isInformative: (noise) => noise < 0.1,
  hint: () =>
    'The first loss agrees, so the way back is at fault. Gradients stand in the order of the parameters, and this is the last that is wrong, the nearest to the loss: look at the backward of this layer, and of what follows it without a parameter.',
};
