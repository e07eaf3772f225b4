import { distance } from 'fastest-levenshtein';

/** ` Did you mean X?` for the candidate nearest to `given`, or an empty string where none is near. */
export function suggest(given: string, candidates: readonly string[]): string {
  const near = nearest(given, candidates);
  return near === null ? '' : ` Did you mean ${near}?`;
}

/** The candidate at the smallest edit distance, if that is at most 3 and half of the name's length, rounded up. */
export function nearest(given: string, candidates: readonly string[]): string | null {
  let best: string | null = null;
  let bestDistance = given.length < 3 ? 1 : Math.min(3, Math.ceil(given.length / 2)) + 1;
  for (const candidate of candidates) {
    const found = distance(given.toLowerCase(), candidate.toLowerCase());
    if (found < bestDistance) [best, bestDistance] = [candidate, found];
  }
  return best;
}
