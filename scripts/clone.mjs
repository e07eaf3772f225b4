/** The clone or the package that this file is in, and what is said and awaited before node_modules exists. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ForeignLock, withLock } from './folder-lock.mjs';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** npm never packs package-lock.json, so an installed package has none. */
export const isClone = existsSync(join(root, 'package-lock.json')) && existsSync(join(root, 'tsconfig.json'));

/** Says which dependencies are installed. */
export const stampPath = join(root, 'node_modules', '.tipcheck-stamp');

/** A lock of another host ends the process. */
export function withLockOrStop(path, work, onWait) {
  try {
    withLock(path, work, onWait);
  } catch (error) {
    if (error instanceof ForeignLock) stop(error.message);
    throw error;
  }
}

/** Ends the process with `message`: these steps come before there is anything to catch it. */
export function stop(message, exitCode = 3) {
  process.stderr.write(`${message}\n`);
  process.exit(exitCode);
}

export function tell(line) {
  process.stderr.write(`${line}\n`);
}

export function readText(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : null;
}

export function seconds(began) {
  return ((Date.now() - began) / 1000).toFixed(1);
}
