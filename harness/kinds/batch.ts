import type { Kind } from './index.js';

const because = 'two float32 runs of one network differ by no more than a port may from the reference';

/** How far a batch is from single runs, where a file declares a free batch. */
export const kind: Kind = {
  name: 'batch',
  phase: 'infer',
  step: 'forward',
  names: null,
  cause: null,
  nearest: 'first',
  words: 'a batch',
  missing: 'the port recorded no such probe',
  limits: [
    { figure: 'rms', unit: '× noise', limit: 4, because },
    { figure: 'largest', unit: '× noise', limit: 8, because },
  ],
  tells: true,
  isInformative: (noise) => noise * 4 < 1,
  hint: () => 'Look at what mixes the images of a batch: means, norms and shapes over the first axis.',
};
