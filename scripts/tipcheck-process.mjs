/** Starts `tipcheck` as the scripts need it: after one ensureAll, in a process of its own. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { checkNodeVersion } from './node-version.mjs';

checkNodeVersion();
const { ensureAll, root } = await import('./ensure.mjs');

/** Resolves to its exit code; 3 if a signal ended it. */
export async function runTipcheck(args, options = {}) {
  return exitCodeOf(startTipcheck(args, options));
}

export function startTipcheck(args, options = {}) {
  ensureAll();
  const env = { ...process.env, TIPCHECK_SKIP_ENSURE: '1', ...options.env };
  return spawn(process.execPath, [join(root, 'cli', 'tipcheck.mjs'), ...args], { stdio: 'inherit', ...options, env });
}

export function exitCodeOf(subprocess) {
  return new Promise((resolve, reject) => {
    subprocess.once('error', reject);
    subprocess.once('close', (code) => resolve(code ?? 3));
  });
}
