import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { budgets, overBudget } from './budgets.js';
import { nullIfNoFile } from './null-at.js';

/**
 * Null where there is no such file: a folder is none, nor is a device, which would be read for ever. @throws UserError
 * for a large one
 */
export async function readTextOrNull(...path: readonly string[]): Promise<string | null> {
  const place = resolve(...path);
  const found = await stat(place).catch(nullIfNoFile);
  if (found?.isFile() !== true) return null;
  if (found.size > budgets.textBytes)
    throw overBudget(`the file ${place}`, `it has ${found.size} bytes`, budgets.textBytes, 'bytes');
  // What the system makes up as it is read has no size either.
  return found.size === 0 ? '' : readFile(place, 'utf8').catch(nullIfNoFile);
}
