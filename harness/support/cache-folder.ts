import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where native parts and environments are kept between runs: `$XDG_CACHE_HOME/tipcheck`, or `~/.cache/tipcheck`. */
export function cacheFolder(...parts: string[]): string {
  const base = process.env.XDG_CACHE_HOME;
  return join(base === undefined || base === '' ? join(homedir(), '.cache') : base, 'tipcheck', ...parts);
}
