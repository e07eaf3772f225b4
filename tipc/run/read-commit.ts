import { spawnSync } from 'node:child_process';

/** The commit of the repository around this folder; null where there is none, or no git. */
export function readCommit(): string | null {
  const { status, stdout } = spawnSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8', timeout: 20_000 });
  return status === 0 ? stdout.trim() : null;
}
