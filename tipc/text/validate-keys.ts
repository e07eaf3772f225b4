import { cannot, UserError } from '../../harness/support/errors.js';
import type { TipcLine } from './lines.js';

/** Throws a UserError where a position holds another key than the one that every file of its form has there. */
export function validateKeys(lines: readonly TipcLine[], keys: Readonly<Record<number, string>>, path: string): void {
  for (const [position, key] of Object.entries(keys)) {
    const line = lines[Number(position) - 1];
    if (line === undefined)
      throw new UserError(
        `Cannot read ${path}: it has ${lines.length} lines that are not empty; ${key} is wanted at position ${position}`,
      );
    if (line.key.trim() === key) continue;
    throw cannot(
      'read',
      `${path}:${line.line}`,
      `position ${position} holds ${JSON.stringify(line.text)}`,
      `${key} is wanted, for lines count by position`,
    );
  }
}
