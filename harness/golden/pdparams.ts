import type { NdArray } from '../contract/nd-array.js';
import { cannot } from '../support/errors.js';
import { refuseLfsPointer } from '../support/lfs-pointer.js';
import { parsePickle } from './pickle.js';
import { kindOf, PickledArray } from './pickle-value.js';

/**
 * Parses a `paddle.save` file of a state_dict: a dict name → array. Paddle's own key `StructuredToParameterName@@` is
 * dropped.
 * @param source names the file, for errors
 * @throws UserError for a Git LFS pointer, what is not a pickle, a pickle that wants to run code, and values that are
 *   not arrays
 */
export function parsePdparams(bytes: Uint8Array, source: string): Map<string, NdArray> {
  validateStart(bytes, source);
  const root = parsePickle(bytes, source);
  if (!(root instanceof Map)) throw cannot('read', source, `it holds ${kindOf(root)}`, 'a dict of arrays is wanted');
  const arrays = new Map<string, NdArray>();
  for (const [key, value] of root) {
    if (key === nameTable) continue;
    if (typeof key !== 'string') throw cannot('read', source, `a key of it is ${kindOf(key)}`, 'a name is wanted');
    const array = value instanceof PickledArray ? value.array : null;
    if (array === null) throw cannot('read', source, `${key} is ${kindOf(value)}`, 'an array is wanted');
    arrays.set(key, array);
  }
  if (arrays.size === 0) throw cannot('read', source, 'it holds no array', 'a dict of arrays is wanted');
  return arrays;
}

/** paddle/framework/io.py: maps a state_dict's names to names inside a program. */
const nameTable = 'StructuredToParameterName@@';

function validateStart(bytes: Uint8Array, source: string): void {
  refuseLfsPointer(bytes, source);
  if (bytes.length === 0) throw cannot('read', source, 'it is empty', 'a paddle.save file is wanted');
  if (bytes[0] === 0x80) return;
  throw cannot('read', source, `it is ${describeNoPickle(bytes)}`, 'a paddle.save file is wanted');
}

/** What stands where a pickle is wanted. */
export function describeNoPickle(bytes: Uint8Array): string {
  const start = Buffer.from(bytes.subarray(0, 64)).toString('latin1');
  if (start.startsWith('PK')) return 'a zip (of PyTorch, perhaps)';
  return /^\s*</.test(start) ? 'a web page' : 'not a pickle';
}
