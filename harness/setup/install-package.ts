import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { EnvironmentError } from '../support/errors.js';

/**
 * Installs npm packages (`name@version`) into `folder`/node_modules with the user's npm, running none of their scripts:
 * theirs fetch native parts from places that many machines cannot reach.
 */
export async function installPackages(folder: string, specifications: readonly string[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{"private":true}\n');
  const npm = process.env.npm_execpath;
  const [command, first] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []];
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--save-exact'];
  const result = await execa(command, [...first, ...args, ...specifications], {
    cwd: folder,
    stdin: 'ignore',
    reject: false,
    // Of an outer `npm` or `npx`: they would send the install elsewhere.
    env: { npm_config_prefix: undefined, npm_config_global: undefined, npm_config_local_prefix: undefined },
  });
  if (result.exitCode === 0) return;
  const reason =
    result.stderr.split('\n').find((line) => /npm error/i.test(line)) ?? result.shortMessage ?? 'npm failed';
  throw new EnvironmentError(
    `Cannot install ${specifications.join(' and ')}: ${reason.replace(/^npm error /i, '')}. Fix: see that npm's registry can be reached`,
  );
}
