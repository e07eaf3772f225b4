import { UserError } from '../support/errors.js';

/**
 * The shipped bundles that a suite names, in its order, each once.
 * @param patterns names, patterns with `*` for any characters, and patterns to leave out, with `!` before
 * @param shipped the names of all shipped bundles
 *
 * A pattern that matches nothing is a UserError, for a suite must never shrink in silence; so is an empty choice. One
 * that leaves out may match nothing.
 */
export function selectBundles(patterns: readonly string[], shipped: readonly string[], suite: string): string[] {
  if (patterns.length === 0) return [];
  const left = patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => wildcard(pattern.slice(1)));
  const chosen = patterns
    .filter((pattern) => !pattern.startsWith('!'))
    .flatMap((pattern) => {
      const found = shipped.filter((name) => wildcard(pattern).test(name));
      if (found.length > 0) return found;
      throw new UserError(
        `Cannot choose the bundles of suite ${suite}: none of the ${shipped.length} shipped bundles matches ${pattern}; at least one is wanted. Fix: npx tipcheck list`,
      );
    })
    .filter((name) => !left.some((pattern) => pattern.test(name)));
  if (chosen.length > 0) return [...new Set(chosen)];
  throw new UserError(`Cannot choose the bundles of suite ${suite}: its patterns leave none; at least one is wanted`);
}

function wildcard(pattern: string): RegExp {
  return new RegExp(`^${pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`);
}
