import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runNpm } from './run-npm.js';

/**
 * Installs npm packages (`name@version`) into `folder`/node_modules, running none of their scripts: theirs fetch native
 * parts from places that many machines cannot reach. npm holds each package against the registry's hash.
 */
export async function installPackages(folder: string, specifications: readonly string[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{"private":true}\n');
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--save-exact'];
  await runNpm(`install ${specifications.join(' and ')}`, [...args, ...specifications], folder);
}
