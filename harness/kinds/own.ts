import type { Kind } from './index.js';

const because = 'contract: honest ports stay within 2.0 × of the reference’s own float32 noise in each layer';

/** A layer by itself: every complete probe before it was replaced by its golden (CONTRACT, section 3, "Own error"). */
export const kind: Kind = {
  name: 'own',
  phase: 'infer',
  step: 'forward',
  names: null,
  cause: null,
  nearest: 'first',
  words: 'a layer of the forward',
  missing: 'the port recorded no such probe',
  limits: [
    { figure: 'rms', unit: '× noise', limit: 4, because },
    { figure: 'largest', unit: '× noise', limit: 8, because },
  ],
  tells: true,
  isInformative: (noise) => noise * 4 < 1,
  hint: () =>
    'In that run every complete probe before it was Paddle’s own value, so the fault lies in this layer, or between it and the probes before: look at its constants (epsilon, axis, activation), its padding and strides, and the layout of its weights.',
};
