import { budgets, overBudget } from '../support/budgets.js';
import { cannot, type UserError } from '../support/errors.js';
import { ByteCursor } from './byte-cursor.js';
import type { PickleDialect } from './pickle-dialect.js';
import { numpyDialect } from './pickle-numpy.js';
import { op } from './pickle-opcodes.js';
import { scalars } from './pickle-scalars.js';
import { PickleStack } from './pickle-stack.js';
import { kindOf, type NumpyDtype, PickledArray, type PickleValue, tupleOf } from './pickle-value.js';

/**
 * Parses a Python pickle, protocols 2 to 5, of dicts, lists, tuples, strings, bytes, numbers, None, booleans and NumPy
 * arrays. It executes nothing: a pickle that wants any other class or function is refused.
 * @param source names the file, for errors
 * @throws UserError that names the class, function or opcode which is refused
 */
export function parsePickle(bytes: Uint8Array, source: string): PickleValue {
  const { value, byteLength } = parseFirstPickle(bytes, source, numpyDialect);
  const rest = bytes.length - byteLength;
  if (rest > 0) throw cannot('read', source, `${rest} bytes follow its pickle`, 'a whole .pdparams file is wanted');
  return value;
}

/** The same of the pickle that `bytes` begin with, and its length: others may follow it. */
export function parseFirstPickle(
  bytes: Uint8Array,
  source: string,
  dialect: PickleDialect,
): { readonly value: PickleValue; readonly byteLength: number } {
  return new Unpickler(bytes, source, dialect).run();
}

/** Lives for one parse: a position and a stack. */
class Unpickler {
  readonly #in: ByteCursor;
  readonly #source: string;
  readonly #dialect: PickleDialect;
  readonly #stack: PickleStack;
  #copied = 0;
  readonly #size: number;

  constructor(bytes: Uint8Array, source: string, dialect: PickleDialect) {
    this.#source = source;
    this.#dialect = dialect;
    this.#size = bytes.length;
    this.#stack = new PickleStack(source);
    this.#in = new ByteCursor(bytes, () => this.#error('its pickle is truncated', 'a whole file is wanted'));
  }

  run(): { value: PickleValue; byteLength: number } {
    if (this.#in.uint8() !== op.proto) throw this.#error('it does not begin as a pickle', 'protocol 2 to 5 is wanted');
    const protocol = this.#in.uint8();
    if (protocol < 2 || protocol > 5) throw this.#error(`its pickle protocol is ${protocol}`, '2 to 5 is wanted');
    for (let code = this.#in.uint8(); code !== op.stop; code = this.#in.uint8()) this.#step(code);
    return { value: this.#stack.pop(), byteLength: this.#in.position };
  }

  #step(code: number): void {
    switch (code) {
      case op.proto:
        this.#in.uint8();
        return;
      case op.frame:
        this.#in.take(8);
        return;
      case op.mark:
        this.#stack.mark();
        return;
      case op.pop:
        this.#stack.pop();
        return;
      case op.popMark:
        this.#stack.popMark();
        return;
      case op.dup:
        this.#stack.push(this.#stack.top());
        return;
      case op.memoize:
        this.#stack.memoize();
        return;
      case op.binPut:
        this.#stack.memoize(this.#in.uint8());
        return;
      case op.longBinPut:
        this.#stack.memoize(this.#in.uint32());
        return;
      case op.binGet:
        this.#stack.recall(this.#in.uint8());
        return;
      case op.longBinGet:
        this.#stack.recall(this.#in.uint32());
        return;
      case op.append:
        this.#stack.extend(this.#stack.popMany(1));
        return;
      case op.appends:
        this.#stack.extend(this.#stack.popMark());
        return;
      case op.setItem:
        this.#stack.setItems(this.#stack.popMany(2));
        return;
      case op.setItems:
        this.#stack.setItems(this.#stack.popMark());
        return;
      case op.build:
        this.#build();
        return;
      default:
        this.#stack.push(this.#value(code));
    }
  }

  #value(code: number): PickleValue {
    const scalar = scalars.get(code);
    if (scalar !== undefined) return scalar(this.#in);
    switch (code) {
      case op.long1:
        return this.#long(this.#in.uint8());
      case op.long4:
        return this.#long(this.#in.uint32());
      case op.tuple:
        return tupleOf(this.#stack.popMark());
      case op.tuple1:
      case op.tuple2:
      case op.tuple3:
        return tupleOf(this.#stack.popMany(code - op.tuple1 + 1));
      case op.global:
        return this.#global(this.#in.line(), this.#in.line());
      case op.stackGlobal: {
        const [module, name] = this.#stack.popMany(2) as [PickleValue, PickleValue];
        return this.#global(this.#text(module), this.#text(name));
      }
      case op.reduce:
      case op.newObj: {
        const [callable, args] = this.#stack.popMany(2) as [PickleValue, PickleValue];
        const made = this.#dialect.reduce(callable, args, this.#source);
        this.#spendCopy(made);
        return made;
      }
      case op.binPersId:
        if (this.#dialect.readPersistent !== undefined)
          return this.#dialect.readPersistent(this.#stack.pop(), this.#source);
        break;
      default:
    }
    throw this.#error(
      `its pickle has opcode 0x${code.toString(16)} at byte ${this.#in.position - 1}`,
      `${this.#dialect.holds} are wanted`,
    );
  }

  /** Everything that a pickle may name; nothing is imported. */
  #global(module: string, name: string): PickleValue {
    const full = `${module}.${name}`;
    if (this.#dialect.known.has(full)) return { global: full.replace('numpy._core.', 'numpy.core.') };
    const { holds, fix } = this.#dialect;
    const wanted = `${holds} are wanted, nothing that runs code`;
    throw cannot('read', this.#source, `its pickle names ${full}`, wanted, fix);
  }

  #text(name: PickleValue): string {
    if (typeof name === 'string') return name;
    throw this.#error(`its pickle names a class by ${kindOf(name)}`, 'a text is wanted');
  }

  #build(): void {
    const state = this.#stack.pop();
    const target = this.#stack.top();
    if (target instanceof PickledArray) {
      target.build(state, this.#source);
      this.#spendCopy(target);
    } else if (isDtype(target)) target.order = dtypeOrder(state) ?? target.order;
    else if (this.#dialect.ignoresState?.(target) !== true)
      throw this.#error('its pickle sets the state of an object', `${this.#dialect.holds} are wanted`);
  }

  /** Arrays are copies of bytes of the file, each of other ones: their sum is about the file's size. */
  #spendCopy(made: PickleValue): void {
    if (made instanceof PickledArray) this.#copied += made.array?.data.byteLength ?? 0;
    else if (made instanceof Uint8Array) this.#copied += made.length;
    const budget = budgets.pickleCopies * this.#size + 2 ** 20;
    if (this.#copied <= budget) return;
    throw overBudget(
      this.#source,
      `its pickle has ${this.#size} bytes, and arrays of more than ${budget}`,
      budget,
      'bytes',
    );
  }

  /** A signed integer of `count` bytes. */
  #long(count: number): number | bigint {
    if (count > 8) throw this.#error(`its pickle has an integer of ${count} bytes`, 'at most 8 are wanted');
    let value = 0n;
    for (const byte of [...this.#in.take(count)].reverse()) value = (value << 8n) | BigInt(byte);
    const signed = BigInt.asIntN(count * 8, value);
    return Number.isSafeInteger(Number(signed)) ? Number(signed) : signed;
  }

  #error(is: string, wanted: string): UserError {
    return cannot('read', this.#source, is, wanted);
  }
}

function isDtype(value: PickleValue): value is NumpyDtype {
  return value !== null && typeof value === 'object' && 'code' in value;
}

/** The byte order in the state of a numpy.dtype: (version, order, …). */
function dtypeOrder(state: PickleValue): string | null {
  const order = Array.isArray(state) ? state[1] : null;
  return typeof order === 'string' ? order : null;
}
