import type { Kind } from './index.js';

/** How far the logits of the graph that users run are from those of the graph with probes. Only a suite limits it. */
export const kind: Kind = {
  name: 'shipped',
  phase: 'infer',
  step: 'forward',
  names: null,
  cause: null,
  nearest: 'first',
  words: 'the graph that users run',
  missing: 'the port recorded no such probe',
  limits: [{ figure: 'apart', unit: '× noise', limit: null, because: null }],
  tells: true,
  isInformative: (noise) => noise * 4 < 1,
  hint: () => 'Look at what the engine fuses when nothing observes it.',
};
