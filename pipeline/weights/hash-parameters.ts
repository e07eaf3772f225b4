import { createHash } from 'node:crypto';
import type { NdArray } from '../../harness/contract/nd-array.js';
import { isBuffer } from '../../harness/golden/seeded.js';

/** The start of a SHA-256 is enough to tell values apart. */
const hexDigits = 16;

/**
 * A hash of each parameter's values, by name. Buffers are left out: statistics of norms move though nothing is learnt.
 */
export function hashParameters(weights: ReadonlyMap<string, NdArray>): Record<string, string> {
  const parameters = [...weights].filter(([name]) => !isBuffer(name));
  return Object.fromEntries(parameters.map(([name, { data }]) => [name, hashValues(data)]));
}

function hashValues({ buffer, byteOffset, byteLength }: NdArray['data']): string {
  return createHash('sha256')
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest('hex')
    .slice(0, hexDigits);
}
