import type { Kind } from './index.js';
import { kind as loss } from './loss.js';

/** The loss of any later step: limits and noise are those of the first. */
export const kind: Kind = {
  ...loss,
  name: 'later-loss',
  step: 'backward',
  names: /^loss\/(?!0$)/,
  cause: 7,
  words: 'a later loss',
  hint: ({ measurements }) =>
    measurements.some(({ kind, verdict }) => kind === 'gradient' && (verdict === 'fail' || verdict === 'missing'))
      ? 'The first loss agrees and the first gradients do not: look at the gradient that is wrong nearest to the output.'
      : 'The first loss and its gradients agree, so the update is at fault: look at parameter groups, at rate multipliers, at weight decay and at clipping.',
};
