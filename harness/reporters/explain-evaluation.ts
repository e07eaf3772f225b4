import type { ModeResult } from '../result/record/case-result.js';
import { renderCount } from '../support/figures.js';

/** `single 61.23, 0 of 1048576 pixels changed`. */
export function explainMode({ name, actual, changed, pixels, unexplained }: ModeResult): string {
  const changes = `${name} mIoU ${renderShare(actual.mIoU)}, ${changed} of ${renderCount(pixels, 'pixel')} changed`;
  return unexplained === 0 ? changes : `${changes}, ${unexplained} of them for no reason`;
}

/** A share in percent, as the published tables have it: `81.04`. */
export function renderShare(share: number | null): string {
  return share === null ? '–' : (share * 100).toFixed(2);
}
