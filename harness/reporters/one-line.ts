import { stripVTControlCharacters } from 'node:util';

/** Names and reasons come from bundles and ports: without their escape sequences and control characters, and on one line. */
export function oneLine(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim();
}
