import { UserError } from '../support/errors.js';
import { type Dtype, elementCount, type NdArray } from '../support/nd-array.js';
import { itemSizes } from './npy-header.js';
import type { PickleValue } from './pickle.js';
import { typedElements } from './typed-elements.js';

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
      throw refuse(source, 'the state of an array is unknown', 'NumPy’s is wanted');
    const [, shape, dtype, fortran, bytes] = state as [PickleValue, PickleValue, PickleValue, PickleValue, PickleValue];
    this.fill(shape, dtype, fortran === true || fortran === 1, bytes, source);
  }

  fill(shape: PickleValue, dtype: PickleValue, fortran: boolean, bytes: PickleValue, source: string): void {
    const extents = shapeOf(shape, source);
    const code = dtypeOf(dtype, source);
    if (fortran && extents.filter((extent) => extent > 1).length > 1) {
      throw refuse(source, 'an array is in Fortran order', 'C order is wanted');
    }
    if (!(bytes instanceof Uint8Array)) throw refuse(source, 'an array holds Python objects', 'numbers are wanted');
    const wanted = elementCount(extents) * itemSizes[code];
    if (bytes.length !== wanted) {
      throw refuse(
        source,
        `an array of shape [${extents.join(', ')}] has ${bytes.length} bytes`,
        `${wanted} are wanted`,
      );
    }
    this.#filled = { dtype: code, shape: extents, data: typedElements(code, bytes) };
  }

  /** Null where the pickle never filled it. */
  get array(): NdArray | null {
    return this.#filled;
  }
}

/** What calling `callable` gives, for the few callables that a pickle of arrays has. Throws a UserError for others. */
export function reduceNumpy(callable: PickleValue, args: PickleValue, source: string): PickleValue {
  const name = callable !== null && typeof callable === 'object' && 'global' in callable ? callable.global : 'a value';
  const given = Array.isArray(args) ? args : [];
  switch (name) {
    case 'numpy.core.multiarray._reconstruct':
      return new PickledArray();
    case 'numpy.core.numeric._frombuffer': {
      const array = new PickledArray();
      array.fill(given[2] ?? null, given[1] ?? null, given[3] === 'F', given[0] ?? null, source);
      return array;
    }
    case 'numpy.dtype':
      return { code: String(given[0]), order: '=' };
    case '_codecs.encode':
      if (typeof given[0] !== 'string' || given[1] !== 'latin1') break;
      return Buffer.from(given[0], 'latin1');
    case 'collections.OrderedDict':
      if (given.length === 0) return new Map();
      break;
    default:
  }
  throw refuse(source, `its pickle calls ${name}`, 'plain data and NumPy arrays are wanted, nothing that runs code');
}

function shapeOf(shape: PickleValue, source: string): readonly number[] {
  const extents = Array.isArray(shape) ? shape : [null];
  if (
    extents.every(
      (extent): extent is number => typeof extent === 'number' && Number.isSafeInteger(extent) && extent >= 0,
    )
  ) {
    return extents;
  }
  throw refuse(source, 'the shape of an array is no tuple of whole numbers', 'one is wanted');
}

function dtypeOf(dtype: PickleValue, source: string): Dtype {
  const known = dtype !== null && typeof dtype === 'object' && 'code' in dtype ? dtype : null;
  if (known === null || !Object.hasOwn(itemSizes, known.code)) {
    const code = known?.code ?? 'no dtype';
    const note = code === 'u2' ? ' (Paddle stores bfloat16 so)' : '';
    throw refuse(source, `an array has dtype ${code}${note}`, 'f4, f8, i4, i8, u1 or b1 is wanted');
  }
  if (known.order === '>') throw refuse(source, `an array of ${known.code} is big-endian`, 'little-endian is wanted');
  return known.code as Dtype;
}

function refuse(source: string, is: string, wanted: string): UserError {
  return new UserError(`Cannot read ${source}: ${is}; ${wanted}`);
}
