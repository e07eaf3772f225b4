import { existsSync, readdirSync } from 'node:fs';
import { UserError } from '../../harness/support/errors.js';
import { nullIfGone } from '../../harness/support/null-at.js';

/**
 * Paths that a pattern names, sorted: `*`, `?` and `[…]` within a part of a path, as Python's glob has them. A path
 * without them names itself. TIPC's users write patterns with `=`, where no shell expands them.
 * @throws UserError where nothing matches
 */
export function expandGlob(pattern: string, option: string): string[] {
  const rooted = pattern.startsWith('/');
  const parts = pattern.split('/').filter((part) => part !== '');
  const paths = parts.reduce<string[]>(
    (folders, part) => folders.flatMap((folder) => matchPart(folder, part)),
    [rooted ? '/' : ''],
  );
  if (paths.length > 0 && parts.length > 0) return paths;
  throw new UserError(`Cannot compare ${option} ${pattern}: it matches nothing; at least one path is wanted`);
}

function matchPart(folder: string, part: string): string[] {
  const below = (name: string) => (folder === '' || folder === '/' ? `${folder}${name}` : `${folder}/${name}`);
  if (!/[*?[]/.test(part)) return existsSync(below(part)) ? [below(part)] : [];
  const matches = wildcard(part);
  const names = readdirIfThere(folder === '' ? '.' : folder);
  return names
    .filter((name) => matches.test(name) && (part.startsWith('.') || !name.startsWith('.')))
    .sort()
    .map(below);
}

function readdirIfThere(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    // A file among folders: nothing is below it.
    return nullIfGone(error) ?? [];
  }
}

function wildcard(part: string): RegExp {
  const source = part
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
    .replaceAll('[!', '[^');
  return new RegExp(`^${source}$`);
}
