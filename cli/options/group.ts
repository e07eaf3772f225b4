import type { Command, Option } from 'commander';
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
 * @param command whose line was read
 * @param where the flags would stand, as the user knows it: `with --table`
 */
export function refuseBeside<Beside extends string>(
  flags: OptionGroup<Beside>,
  command: Command,
  beside: Beside,
  where: string,
): void {
  for (const { option, refused } of flags)
    if (refused[beside] !== null && command.getOptionValueSource(option.attributeName()) === 'cli')
      throw new UserError(`Cannot use ${option.long} ${where}: ${refused[beside]}`);
}
