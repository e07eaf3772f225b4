import type { NdArray } from '../contract/nd-array.js';
import { type Picklable, renderPickle } from './render-pickle.js';

/**
 * Arrays as a file that `paddle.load` reads as a state_dict: a pickle of protocol 4, a dict name → numpy.ndarray with
 * Paddle's own key `StructuredToParameterName@@` (paddle/framework/io.py), which maps each name to itself.
 * The same arrays give the same bytes.
 */
export function renderPdparams(arrays: ReadonlyMap<string, NdArray>): Uint8Array {
  const names = new Map([...arrays.keys()].map((name) => [name, name]));
  return renderPickle(new Map<string, Picklable>([...arrays, ['StructuredToParameterName@@', names]]));
}
