import type { Kind } from './index.js';

/** The classes of an image's pixels. */
export const kind: Kind = {
  name: 'label-map',
  phase: 'eval',
  step: 'metric',
  names: /\/labels$/,
  cause: null,
  nearest: 'first',
  words: 'the classes of an image',
  missing: 'the port gave no such label map',
  limits: [
    { figure: 'changed', unit: 'pixels', limit: null, because: null },
    {
      figure: 'unexplained',
      unit: 'pixels',
      limit: 0,
      because: 'a pixel may change where its two best classes are at most twice the largest error apart',
    },
  ],
  tells: true,
  isInformative: () => true,
  hint: () =>
    'The logits agree where they were sampled, and the labels do not: look at argmax (the lowest class on ties), at resizing back to the image, and at other places of the logits.',
};
