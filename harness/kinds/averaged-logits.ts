import type { Kind } from './index.js';

const because = 'contract: honest ports stay within 1.7 × of the reference’s own float32 noise on inference';

/** An image's logits, averaged over what its mode of testing looks at. Limits are those of a bundle's logits. */
export const kind: Kind = {
  name: 'averaged-logits',
  phase: 'eval',
  step: 'metric',
  names: /\/logits$/,
  cause: null,
  nearest: 'first',
  words: 'the averaged logits of an image',
  missing: 'the port gave no such logits',
  limits: [
    { figure: 'rms', unit: '× noise', limit: 4, because },
    { figure: 'largest', unit: '× noise', limit: 8, because },
  ],
  tells: true,
  isInformative: (noise) => noise * 4 < 1,
  hint: ({ measurements }, first) =>
    measurements.some(
      ({ kind, name, verdict }) => kind === first.kind && modeOf(name) !== modeOf(first.name) && verdict === 'pass',
    )
      ? 'The logits of another mode agree, so the network is right and what this mode does around it is not: scales, flips, windows, and how logits are averaged.'
      : 'The averaged logits are wrong: judge the port on bundles first (npx tipcheck judge), then look at reading, normalising and resizing.',
};

/** Names are `<mode>/<image>/logits`. */
function modeOf(name: string): string {
  return name.split('/')[0]!;
}
