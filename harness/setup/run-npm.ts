import { execa } from 'execa';
import { EnvironmentError } from '../support/errors.js';

/**
 * Runs the user's npm, so that his registry, proxy and certificates are used.
 * @param action what it does, for an error: `install x@1.0.0`
 * @returns what it wrote on stdout; throws an EnvironmentError where it fails
 */
export async function runNpm(action: string, args: readonly string[], folder?: string): Promise<string> {
  const npm = process.env.npm_execpath;
  const [command, first] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []];
  const result = await execa(command, [...first, ...args], {
    ...(folder !== undefined && { cwd: folder }),
    stdin: 'ignore',
    reject: false,
    // Of an outer `npm` or `npx`: they would send an install elsewhere.
    env: { npm_config_prefix: undefined, npm_config_global: undefined, npm_config_local_prefix: undefined },
  });
  if (result.exitCode === 0) return result.stdout;
  const reason =
    result.stderr.split('\n').find((line) => /npm error/i.test(line)) ?? result.shortMessage ?? 'npm failed';
  throw new EnvironmentError(
    `Cannot ${action}: ${reason.replace(/^npm error /i, '')}. Fix: see that npm's registry can be reached`,
  );
}
