import { elementCount, type NdArray } from '../contract/nd-array.js';
import { cannot } from '../support/errors.js';
import { decodeStored, dtypeFor, type StoredCode, type StoredLayout, storedSizes } from './stored-elements.js';
import type { PassedOver, TorchStorage, TorchTensor } from './torch-value.js';

/** A Python value: dict → Map, list → array, tuple → frozen array, bytes → Uint8Array, None → null. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleValue[]
  | Map<PickleValue, PickleValue>
  | PickledArray
  | NumpyDtype
  | TorchStorage
  | TorchTensor
  | PassedOver
  | PickleGlobal;

/** Freezes `values`, so that nothing is appended to it. */
export function tupleOf(values: PickleValue[]): PickleValue[] {
  Object.freeze(values);
  return values;
}

/** The most axes of an array in NumPy 2 (NPY_MAXDIMS), and of a strided tensor in torch (TensorIterator). */
export const maxAxes = 64;

/** A whole number from 0 to 2^53 - 1. */
export function isCount(value: PickleValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** What a value is, for messages. Never the value: lists that hold each other have no end as text. */
export function kindOf(value: PickleValue): string {
  if (value === null) return 'None';
  if (value instanceof Map) return 'a dict';
  if (Array.isArray(value)) return 'a list or a tuple';
  if (value instanceof Uint8Array) return 'bytes';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** A class or function that a pickle names. */
export interface PickleGlobal {
  readonly global: string;
}

/** numpy.dtype as pickles make it: `dtype('f4', False, True)`, then a state with the byte order. */
export interface NumpyDtype {
  readonly code: string;
  order: string;
}

/** numpy.ndarray, which `_reconstruct` makes empty and a state fills. */
export class PickledArray {
  #filled: NdArray | null = null;

  /** The state: (version, shape, dtype, is Fortran, bytes). */
  build(state: PickleValue, source: string): void {
    if (!Array.isArray(state) || state.length !== 5)
      throw cannot('read', source, 'the state of an array is unknown', 'NumPy’s is wanted');
    const [, shape, dtype, fortran, bytes] = state as [PickleValue, PickleValue, PickleValue, PickleValue, PickleValue];
    this.fill(shape, dtype, fortran === true || fortran === 1, bytes, source);
  }

  fill(shape: PickleValue, dtype: PickleValue, fortran: boolean, bytes: PickleValue, source: string): void {
    const extents = shapeOf(shape, source);
    const { code, bigEndian } = dtypeOf(dtype, source);
    if (!(bytes instanceof Uint8Array))
      throw cannot('read', source, 'an array holds Python objects', 'numbers are wanted');
    const wanted = elementCount(extents) * storedSizes[code];
    if (bytes.length !== wanted) {
      throw cannot(
        'read',
        source,
        `an array of shape [${extents.join(', ')}] has ${bytes.length} bytes`,
        `${wanted} are wanted`,
      );
    }
    const data = decodeStored(bytes, { code, bigEndian, fortran }, extents);
    this.#filled = { dtype: dtypeFor(code), shape: extents, data };
  }

  /** Null where the pickle never filled it. */
  get array(): NdArray | null {
    return this.#filled;
  }
}

function shapeOf(shape: PickleValue, source: string): readonly number[] {
  if (Array.isArray(shape) && shape.length > maxAxes)
    throw cannot('read', source, `an array has ${shape.length} axes`, `at most ${maxAxes} are wanted`);
  // A copy: the pickle can still append to its own list.
  if (Array.isArray(shape) && shape.every(isCount)) return [...shape];
  throw cannot('read', source, 'the shape of an array is not a tuple of whole numbers', 'one is wanted');
}

/** `u2` is bfloat16: so Paddle stores it, and it has no unsigned 16-bit integers. */
function dtypeOf(dtype: PickleValue, source: string): Pick<StoredLayout, 'code' | 'bigEndian'> {
  const known = dtype !== null && typeof dtype === 'object' && 'code' in dtype ? dtype : null;
  const code = known === null ? undefined : codes.get(known.code);
  if (known !== null && code !== undefined) return { code, bigEndian: known.order === '>' };
  const wanted = `${[...codes.keys()].join(', ')} is wanted`;
  throw cannot('read', source, `an array has dtype ${known?.code ?? 'no dtype'}`, wanted);
}

const codes: ReadonlyMap<string, StoredCode> = new Map([
  ...(['f2', 'f4', 'f8', 'i1', 'i2', 'i4', 'i8', 'u1', 'u4', 'b1'] as const).map((code) => [code, code] as const),
  ['u2', 'bf16'],
]);
