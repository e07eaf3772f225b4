import { compareVersions } from '../../support/compare-versions.js';
import { cannot } from '../../support/errors.js';
import { renderCount } from '../../support/render-count.js';

/**
 * The releases from one to another, both included.
 * @param text `1.20..1.30`: 1.30 stands for all of its releases. A third number names one release.
 * @param published oldest first
 * @throws UserError where it is no range, and where fewer than two are published in it
 */
export function selectReleases(text: string, published: readonly string[]): readonly string[] {
  const [, from, to] = /^(\d{1,6}(?:\.\d{1,6}){0,2})\.\.(\d{1,6}(?:\.\d{1,6}){0,2})$/.exec(text) ?? [];
  if (from === undefined || to === undefined)
    throw cannot('bisect', text, 'it is no range of releases', 'two with .. between them are wanted, as 1.20..1.30');
  const found = published.filter((release) => !isOlder(release, from) && !isOlder(to, release));
  if (found.length >= 2) return found;
  throw cannot(
    'bisect',
    text,
    `it holds ${renderCount(found.length, 'published release')}`,
    `two or more are wanted of ${published.join(', ')}`,
  );
}

/** By the numbers that both have. */
function isOlder(one: string, other: string): boolean {
  const parts = Math.min(one.split('.').length, other.split('.').length);
  const [a, b] = [one, other].map((version) => version.split('.').slice(0, parts).join('.'));
  return compareVersions(a!, b!) < 0;
}
