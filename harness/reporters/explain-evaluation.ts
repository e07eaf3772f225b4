import type { CaseResult, Measurement, ModeResult } from '../result.js';
import { renderCount } from './figures.js';

/** `single 61.23, 0 of 1048576 pixels changed`. */
export function explainMode({ name, actual, changed, pixels, unexplained }: ModeResult): string {
  const changes = `${name} mIoU ${renderShare(actual.mIoU)}, ${changed} of ${renderCount(pixels, 'pixel')} changed`;
  return unexplained === 0 ? changes : `${changes}, ${unexplained} of them for no reason`;
}

/** A share in percent, as the published tables have it: `81.04`. */
export function renderShare(share: number | null): string {
  return share === null ? '–' : (share * 100).toFixed(2);
}

/** Where to look, for the first fault of an evaluation. Names are `<mode>/<image>/logits`, `<mode>/<image>/labels`, `<mode>/mIoU`. */
export function explainEvaluation({ measurements }: CaseResult, first: Measurement): string {
  const parts = first.name.split('/');
  const kind = parts.at(-1);
  const otherModeAgrees = measurements.some(
    ({ name, verdict }) => name.endsWith('/logits') && !name.startsWith(`${parts[0]}/`) && verdict === 'pass',
  );
  if (kind === 'logits')
    return otherModeAgrees
      ? 'The logits of another mode agree, so the network is right and what this mode does around it is not: scales, flips, windows, and how logits are averaged.'
      : 'The averaged logits are wrong: judge the port on bundles first (npx tipcheck judge), then look at reading, normalising and resizing.';
  if (kind === 'labels')
    return 'The logits agree where they were sampled, and the labels do not: look at argmax (the lowest class on ties), at resizing back to the image, and at other places of the logits.';
  return 'Logits and labels agree, so the counting is at fault: ignored pixels, absent classes, and images counted twice or not at all.';
}
