import type { NdArray } from '../../harness/contract/nd-array.js';
import { EnvironmentError } from '../../harness/support/errors.js';
import { roundToHalves } from '../../onnx/half-floats.js';
import { asFloat32 } from './as-float32.js';

/**
 * An array's elements as an input of a graph takes them.
 * @param type ONNX Runtime's name of the input's element type
 * @throws EnvironmentError for whole numbers that the type does not hold, and for a type that nothing is converted to
 */
export function asElements(data: NdArray['data'], type: string, name: string): ArrayBufferView {
  if (type === 'float32') return asFloat32(data);
  if (type === 'float16') return roundToHalves(asFloat32(data));
  if (type === 'float64') return Float64Array.from(data as ArrayLike<number | bigint>, Number);
  if (type === 'int64') return BigInt64Array.from(data as ArrayLike<number | bigint>, BigInt);
  const make = wholeNumbers[type];
  if (make === undefined) throw new EnvironmentError(`Cannot feed ${name}: its input is ${type}, which no array is`);
  const made = make(data.length);
  for (let i = 0; i < data.length; i++) {
    made[i] = Number(data[i]);
    if (made[i] !== Number(data[i]))
      throw new EnvironmentError(
        `Cannot feed ${name}: element ${i} is ${data[i]}, which its input of ${type} cannot hold`,
      );
  }
  return made;
}

type WholeNumbers = Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array;

const wholeNumbers: Readonly<Record<string, (length: number) => WholeNumbers>> = {
  bool: (length) => new Uint8Array(length),
  uint8: (length) => new Uint8Array(length),
  int8: (length) => new Int8Array(length),
  uint16: (length) => new Uint16Array(length),
  int16: (length) => new Int16Array(length),
  int32: (length) => new Int32Array(length),
  uint32: (length) => new Uint32Array(length),
};
