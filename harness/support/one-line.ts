import { printable } from './printable.js';

/**
 * Names and reasons come from bundles and ports: what `printable` escapes, and each run of blanks and line ends as one
 * blank.
 */
export function oneLine(text: string): string {
  return printable(text.replace(/\s+/gu, ' ').trim());
}
