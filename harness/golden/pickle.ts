import { budgets, overBudget } from '../support/budgets.js';
import { cannot, type UserError } from '../support/errors.js';
import { ByteCursor } from './byte-cursor.js';
import { reduceNumpy } from './pickle-numpy.js';
import { op } from './pickle-opcodes.js';
import { kindOf, type NumpyDtype, PickledArray, type PickleValue } from './pickle-value.js';

/**
 * Parses a Python pickle, protocols 2 to 5, of dicts, lists, tuples, strings, bytes, numbers, None, booleans and NumPy
 * arrays. It executes nothing: a pickle that wants any other class or function is refused.
 * @param source names the file, for errors
 * @throws UserError that names the class, function or opcode which is refused
 */
export function parsePickle(bytes: Uint8Array, source: string): PickleValue {
  return new Unpickler(bytes, source).run();
}

/** Lives for one parse: a position, a stack, a memo. */
class Unpickler {
  readonly #in: ByteCursor;
  readonly #source: string;
  readonly #memo = new Map<number, PickleValue>();
  #stack: PickleValue[] = [];
  readonly #marks: PickleValue[][] = [];
  #objects = 0;
  #copied = 0;
  readonly #size: number;

  constructor(bytes: Uint8Array, source: string) {
    this.#source = source;
    this.#size = bytes.length;
    this.#in = new ByteCursor(bytes, () => this.#error('its pickle is truncated', 'a whole file is wanted'));
  }

  run(): PickleValue {
    if (this.#in.uint8() !== op.proto) throw this.#error('it does not begin as a pickle', 'protocol 2 to 5 is wanted');
    const protocol = this.#in.uint8();
    if (protocol < 2 || protocol > 5) throw this.#error(`its pickle protocol is ${protocol}`, '2 to 5 is wanted');
    for (let code = this.#in.uint8(); code !== op.stop; code = this.#in.uint8()) this.#step(code);
    const rest = this.#in.remaining;
    if (rest > 0) throw this.#error(`${rest} bytes follow its pickle`, 'a whole .pdparams file is wanted');
    return this.#pop();
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
        this.#spendObject();
        this.#marks.push(this.#stack);
        this.#stack = [];
        return;
      case op.pop:
        this.#pop();
        return;
      case op.popMark:
        this.#popMark();
        return;
      case op.dup:
        this.#push(this.#top());
        return;
      case op.memoize:
        this.#memo.set(this.#memo.size, this.#top());
        return;
      case op.binPut:
        this.#memo.set(this.#in.uint8(), this.#top());
        return;
      case op.longBinPut:
        this.#memo.set(this.#in.uint32(), this.#top());
        return;
      case op.binGet:
        this.#push(this.#recall(this.#in.uint8()));
        return;
      case op.longBinGet:
        this.#push(this.#recall(this.#in.uint32()));
        return;
      case op.append:
        this.#extend([this.#pop()]);
        return;
      case op.appends:
        this.#extend(this.#popMark());
        return;
      case op.setItem: {
        const value = this.#pop();
        this.#setItems([this.#pop(), value]);
        return;
      }
      case op.setItems:
        this.#setItems(this.#popMark());
        return;
      case op.build:
        this.#build();
        return;
      default: {
        // In two steps: a tuple's value changes which stack is the current one.
        const value = this.#value(code);
        this.#push(value);
      }
    }
  }

  #value(code: number): PickleValue {
    switch (code) {
      case op.none:
        return null;
      case op.newTrue:
        return true;
      case op.newFalse:
        return false;
      case op.binInt:
        return this.#in.int32();
      case op.binInt1:
        return this.#in.uint8();
      case op.binInt2:
        return this.#in.uint16();
      case op.long1:
        return this.#long(this.#in.uint8());
      case op.long4:
        return this.#long(this.#in.uint32());
      case op.binFloat:
        return this.#in.float64BigEndian();
      case op.shortBinUnicode:
        return this.#in.text(this.#in.uint8(), 'utf8');
      case op.binUnicode:
        return this.#in.text(this.#in.uint32(), 'utf8');
      case op.binUnicode8:
        return this.#in.text(this.#in.uint64(), 'utf8');
      case op.shortBinString:
        return this.#in.text(this.#in.uint8(), 'latin1');
      case op.binString:
        return this.#in.text(this.#in.uint32(), 'latin1');
      case op.shortBinBytes:
        return this.#in.take(this.#in.uint8());
      case op.binBytes:
        return this.#in.take(this.#in.uint32());
      case op.binBytes8:
      case op.byteArray8:
        return this.#in.take(this.#in.uint64());
      case op.emptyDict:
        return new Map();
      case op.emptyList:
      case op.emptyTuple:
        return [];
      case op.tuple:
        return this.#popMark();
      case op.tuple1:
      case op.tuple2:
      case op.tuple3:
        return this.#popMany(code - op.tuple1 + 1);
      case op.global:
        return this.#global(this.#in.line(), this.#in.line());
      case op.stackGlobal: {
        const name = this.#pop();
        return this.#global(this.#text(this.#pop()), this.#text(name));
      }
      case op.reduce: {
        const args = this.#pop();
        const made = reduceNumpy(this.#pop(), args, this.#source);
        this.#spendCopy(made);
        return made;
      }
      default:
        throw this.#error(
          `its pickle has opcode 0x${code.toString(16)} at byte ${this.#in.position - 1}`,
          'plain data and NumPy arrays are wanted',
        );
    }
  }

  /** Everything that a pickle may name; nothing is imported. */
  #global(module: string, name: string): PickleValue {
    const full = `${module}.${name}`;
    if (known.has(full)) return { global: full.replace('numpy._core.', 'numpy.core.') };
    throw this.#error(`its pickle names ${full}`, 'plain data and NumPy arrays are wanted, nothing that runs code');
  }

  #text(name: PickleValue): string {
    if (typeof name === 'string') return name;
    throw this.#error(`its pickle names a class by ${kindOf(name)}`, 'a text is wanted');
  }

  #build(): void {
    const state = this.#pop();
    const target = this.#top();
    if (target instanceof PickledArray) {
      target.build(state, this.#source);
      this.#spendCopy(target);
    } else if (isDtype(target)) target.order = dtypeOrder(state) ?? target.order;
    else throw this.#error('its pickle sets the state of an object', 'plain data and NumPy arrays are wanted');
  }

  /** What is recalled counts again: it takes a place in whatever it is put into. */
  #push(value: PickleValue): void {
    this.#spendObject();
    this.#stack.push(value);
  }

  #spendObject(): void {
    if (++this.#objects <= budgets.pickleObjects) return;
    const found = `its pickle has more than ${budgets.pickleObjects} objects`;
    throw overBudget(this.#source, found, budgets.pickleObjects, 'objects');
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

  #extend(values: PickleValue[]): void {
    const list = this.#top();
    if (!Array.isArray(list)) throw this.#error('its pickle appends to no list', 'an undamaged pickle is wanted');
    for (const value of values) list.push(value);
  }

  #setItems(pairs: PickleValue[]): void {
    const dict = this.#top();
    if (!(dict instanceof Map) || pairs.length % 2 === 1) {
      throw this.#error('its pickle sets items of no dict', 'an undamaged pickle is wanted');
    }
    for (let at = 0; at < pairs.length; at += 2) dict.set(pairs[at]!, pairs[at + 1]!);
  }

  #recall(index: number): PickleValue {
    const value = this.#memo.get(index);
    if (value === undefined)
      throw this.#error(`its pickle recalls ${index}, which it did not memorise`, 'an undamaged one is wanted');
    return value;
  }

  #pop(): PickleValue {
    return this.#popMany(1)[0]!;
  }

  #popMany(count: number): PickleValue[] {
    if (this.#stack.length < count)
      throw this.#error('its pickle takes from an empty stack', 'an undamaged one is wanted');
    return this.#stack.splice(this.#stack.length - count);
  }

  #popMark(): PickleValue[] {
    const values = this.#stack;
    const below = this.#marks.pop();
    if (below === undefined)
      throw this.#error('its pickle takes to a mark that it did not set', 'an undamaged one is wanted');
    this.#stack = below;
    return values;
  }

  #top(): PickleValue {
    const value = this.#stack.at(-1);
    if (value === undefined) throw this.#error('its pickle takes from an empty stack', 'an undamaged one is wanted');
    return value;
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

/**
 * numpy 2 renamed numpy.core to numpy._core; `_frombuffer` comes with protocol 5, `_codecs.encode` with bytes in
 * protocol 2.
 */
const known: ReadonlySet<string> = new Set([
  'numpy.core.multiarray._reconstruct',
  'numpy._core.multiarray._reconstruct',
  'numpy.core.numeric._frombuffer',
  'numpy._core.numeric._frombuffer',
  'numpy.ndarray',
  'numpy.dtype',
  '_codecs.encode',
  'collections.OrderedDict',
]);

function isDtype(value: PickleValue): value is NumpyDtype {
  return value !== null && typeof value === 'object' && 'code' in value;
}

/** The byte order in the state of a numpy.dtype: (version, order, …). */
function dtypeOrder(state: PickleValue): string | null {
  const order = Array.isArray(state) ? state[1] : null;
  return typeof order === 'string' ? order : null;
}
