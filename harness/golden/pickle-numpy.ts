import { UserError } from '../support/errors.js';
import type { PickleDialect } from './pickle-dialect.js';
import { kindOf, PickledArray, type PickleValue } from './pickle-value.js';

/**
 * Pickles of NumPy arrays. numpy 2 renamed numpy.core to numpy._core; `_frombuffer` comes with protocol 5,
 * `_codecs.encode` with bytes in protocol 2.
 */
export const numpyDialect: PickleDialect = {
  holds: 'plain data and NumPy arrays',
  known: new Set([
    'numpy.core.multiarray._reconstruct',
    'numpy._core.multiarray._reconstruct',
    'numpy.core.numeric._frombuffer',
    'numpy._core.numeric._frombuffer',
    'numpy.ndarray',
    'numpy.dtype',
    '_codecs.encode',
    'collections.OrderedDict',
  ]),
  reduce: reduceNumpy,
};

/** What calling `callable` gives, for the few callables that a pickle of arrays has. Throws a UserError for others. */
function reduceNumpy(callable: PickleValue, args: PickleValue, source: string): PickleValue {
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
    case 'numpy.dtype': {
      const [code = null] = given;
      if (typeof code === 'string') return { code, order: '=' };
      throw new UserError(`Cannot read ${source}: its pickle has a dtype that is ${kindOf(code)}; a text is wanted`);
    }
    case '_codecs.encode':
      if (typeof given[0] !== 'string' || given[1] !== 'latin1') break;
      return Buffer.from(given[0], 'latin1');
    case 'collections.OrderedDict':
      if (given.length === 0) return new Map();
      break;
    default:
  }
  throw new UserError(
    `Cannot read ${source}: its pickle calls ${name}; plain data and NumPy arrays are wanted, nothing that runs code`,
  );
}
