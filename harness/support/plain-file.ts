import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { budgets, overBudget } from './budgets.js';
import { cannot } from './errors.js';

/**
 * Calls `use` with a file that the user names, or that a file of theirs names: a plain one, or a link to one. A device
 * may have no end, and a pipe would be waited for, for ever. What is opened is what was looked at. A folder is opened,
 * too: who reads it gets EISDIR.
 * @throws UserError for a pipe, a device or a socket; the system's error where there is no such file, or where it may
 * not be read
 */
export async function openPlain<T>(path: string, use: (file: FileHandle, bytes: number) => Promise<T>): Promise<T> {
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const found = await file.stat();
    if (!found.isFile() && !found.isDirectory())
      throw cannot(
        'read',
        path,
        `it is ${found.isFIFO() ? 'a pipe' : found.isSocket() ? 'a socket' : 'a device'}`,
        'a plain file is wanted',
        'write its contents to one',
      );
    return await use(file, found.size);
  } finally {
    await file.close();
  }
}

/** A plain file's bytes. @throws as `openPlain` does; UserError for more than `budget` bytes */
export function readPlain(path: string, budget = Number.POSITIVE_INFINITY): Promise<Buffer> {
  return openPlain(path, (file, bytes) => {
    if (bytes > budget) throw overBudget(path, `it has ${bytes} bytes`, budget, 'bytes');
    return file.readFile();
  });
}

/** The text of a plain file, within the budget of texts. @throws as `readPlain` does */
export async function readPlainText(path: string): Promise<string> {
  return (await readPlain(path, budgets.textBytes)).toString('utf8');
}
