import type { NdArray } from '../../harness/contract/nd-array.js';
import { copyInt64 } from '../../harness/support/int64-numbers.js';

/** The array itself if it is float32, else a copy: our graphs take nothing else. */
export function asFloat32(data: NdArray['data']): Float32Array {
  if (data instanceof BigInt64Array) return copyInt64(data, new Float32Array(data.length));
  return data instanceof Float32Array ? data : Float32Array.from(data);
}
