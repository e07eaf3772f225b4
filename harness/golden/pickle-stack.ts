import { budgets, overBudget } from '../support/budgets.js';
import { cannot, type UserError } from '../support/errors.js';
import type { PickleValue } from './pickle-value.js';

/**
 * The stack of the machine that a pickle drives, with its marks and its memo. Lives for one parse. What a damaged
 * pickle does to it is a UserError; so is more than `budgets.pickleObjects`.
 */
export class PickleStack {
  readonly #source: string;
  readonly #memo = new Map<number, PickleValue>();
  #values: PickleValue[] = [];
  readonly #marks: PickleValue[][] = [];
  #objects = 0;

  constructor(source: string) {
    this.#source = source;
  }

  /** What is recalled counts again: it takes a place in whatever it is put into. */
  push(value: PickleValue): void {
    this.#spendObject();
    this.#values.push(value);
  }

  pop(): PickleValue {
    return this.popMany(1)[0]!;
  }

  popMany(count: number): PickleValue[] {
    if (this.#values.length < count)
      throw this.#error('its pickle takes from an empty stack', 'an undamaged one is wanted');
    return this.#values.splice(this.#values.length - count);
  }

  top(): PickleValue {
    const value = this.#values.at(-1);
    if (value === undefined) throw this.#error('its pickle takes from an empty stack', 'an undamaged one is wanted');
    return value;
  }

  mark(): void {
    this.#spendObject();
    this.#marks.push(this.#values);
    this.#values = [];
  }

  popMark(): PickleValue[] {
    const values = this.#values;
    const below = this.#marks.pop();
    if (below === undefined)
      throw this.#error('its pickle takes to a mark that it did not set', 'an undamaged one is wanted');
    this.#values = below;
    return values;
  }

  /** What is memorised counts again. @param index absent: the next one */
  memoize(index = this.#memo.size): void {
    this.#spendObject();
    this.#memo.set(index, this.top());
  }

  recall(index: number): void {
    const value = this.#memo.get(index);
    if (value === undefined)
      throw this.#error(`its pickle recalls ${index}, which it did not memorise`, 'an undamaged one is wanted');
    this.push(value);
  }

  /** Adds to the list at the top. A tuple is none. */
  extend(values: readonly PickleValue[]): void {
    const list = this.top();
    if (!Array.isArray(list) || Object.isFrozen(list))
      throw this.#error('its pickle appends to no list', 'an undamaged pickle is wanted');
    for (const value of values) list.push(value);
  }

  /** Adds to the dict at the top. @param pairs keys and values by turns */
  setItems(pairs: readonly PickleValue[]): void {
    const dict = this.top();
    if (!(dict instanceof Map) || pairs.length % 2 === 1) {
      throw this.#error('its pickle sets items of no dict', 'an undamaged pickle is wanted');
    }
    for (let at = 0; at < pairs.length; at += 2) dict.set(pairs[at]!, pairs[at + 1]!);
  }

  #spendObject(): void {
    if (++this.#objects <= budgets.pickleObjects) return;
    const found = `its pickle has more than ${budgets.pickleObjects} objects`;
    throw overBudget(this.#source, found, budgets.pickleObjects, 'objects');
  }

  #error(is: string, wanted: string): UserError {
    return cannot('read', this.#source, is, wanted);
  }
}
