import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * The project's own folder (a clone, or the installed package): where `suites/`, `fixtures/`, `configs/` and `oracle/`
 * lie.
 */
export const packageRoot: string = findPackageRoot(import.meta.dirname);

/** The project's version, from its package.json. */
export const packageVersion: string = readVersion();

/** Reads a text file that belongs to the project, by its path from the root. */
export function readPackageText(path: string): string {
  return readFileSync(join(packageRoot, path), 'utf8');
}

function findPackageRoot(start: string): string {
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (folder === dirname(folder)) throw new Error(`Cannot find the project's folder: no package.json above ${start}`);
  }
}

function readVersion(): string {
  const parsed: { version: string } = JSON.parse(readPackageText('package.json'));
  return parsed.version;
}
