import { createHash } from 'node:crypto';
import type { Collective } from '../../harness/contract/port.js';

/** Whether all ranks gave the same bytes; they all learn the same. Each gives its parts in the same order. */
export function sameOnAllRanks({ size, sum }: Collective, parts: Iterable<string | NodeJS.ArrayBufferView>): boolean {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  const own = [...hash.digest()];
  // A sum of equal numbers and a sum of their squares: both fit only where all are equal. Up to 2⁸ ranks they are
  // exact.
  const sums = Float32Array.from([...own, ...own.map((byte) => byte * byte)]);
  sum(sums);
  return own.every((byte, at) => sums[at] === size * byte && sums[at + own.length] === size * byte * byte);
}
