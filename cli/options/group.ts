import type { Option } from 'commander';
import { UserError } from '../../harness/support/errors.js';

/** Flags that commands list together: one that is added here is in each of them. */
export type OptionGroup<Beside extends string = string> = readonly Flag<Beside>[];

export interface Flag<Beside extends string = string> {
  /** Its name, what it says of itself, its parser and its default. */
  readonly option: Option;
  /** Why it cannot stand beside something else, and what is wanted; null: it can. */
  readonly refused: Readonly<Record<Beside, string | null>>;
}

/** Flags that are refused alike. */
export function group<Beside extends string>(
  refused: Flag<Beside>['refused'],
  ...options: readonly Option[]
): OptionGroup<Beside> {
  return options.map((option) => ({ option, refused }));
}

/**
 * @param given the values of all flags; a default is not given
 * @param name what the flags would stand beside, as the user knows it
 */
export function refuseBeside<Beside extends string>(
  flags: OptionGroup<Beside>,
  given: object,
  beside: Beside,
  name: string,
): void {
  const values = new Map(Object.entries(given));
  for (const { option, refused } of flags) {
    const value = values.get(option.attributeName());
    if (refused[beside] !== null && value !== undefined && value !== option.defaultValue)
      throw new UserError(`Cannot use ${option.long} with ${name}: ${refused[beside]}`);
  }
}
