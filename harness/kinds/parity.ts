import type { Kind } from './index.js';

const because =
  'each of two engines may be as far from the exact logits as the contract lets a port be (4 × the noise, 8 × in one element); the noise is what moving each weight and pixel by up to an ulp does, which is 0.9 to 1.5 times the noise of Paddle’s own float32 on four shipped bundles';

/**
 * The logits of two engines beside each other. Their noise is how far logits move when each weight and each pixel moves
 * by up to one unit in its last place. On the shipped bundles segnext-t, -s, -t-odd and -t-stress that is 0.9 to 1.5
 * times the noise of Paddle's own float32 run. Each engine may stand as far from the exact logits as the contract lets
 * a port, so two of them twice as far from each other.
 */
export const kind: Kind = {
  name: 'parity',
  phase: 'tipc',
  step: null,
  names: /^(logits|graph)$/,
  cause: null,
  nearest: 'first',
  words: 'the logits of two engines',
  missing: 'the step kept no logits',
  limits: [
    { figure: 'rms', unit: '× noise', limit: 8, because },
    { figure: 'largest', unit: '× noise', limit: 16, because },
  ],
  tells: true,
  // TIPC's own tolerance: where rounding alone moves logits further, no multiple of it says anything.
  isInformative: (noise) => noise <= 1e-3,
  hint: () => 'Look at what the exporter folds, and at what the engine fuses.',
};
