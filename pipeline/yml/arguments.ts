import { cannot, UserError } from '../../harness/support/errors.js';
import { fixNumber } from '../../harness/support/fix-number.js';
import { suggest } from '../../harness/support/suggest.js';
import type { Section } from './section.js';

/** What an argument may be. */
export interface Argument<Value> {
  /** Completes "… is wanted". */
  readonly wanted: string;
  /** What it is where nobody gives it; absent where it must be given. */
  readonly fallback?: Value;
  /** The value, or undefined if it is not what is wanted. */
  parse(value: unknown): Value | undefined;
}

export type Arguments<Values extends object> = { readonly [Name in keyof Values]: Argument<Values[Name]> };

/**
 * The arguments of a section that has a `type`. The list is closed.
 * @param subject what errors call it: `the transform Resize`
 * @throws UserError for a name that is none of the arguments, a missing argument, and a value that is not what is
 *   wanted
 */
export function readArguments<Values extends object>(
  section: Section,
  subject: string,
  rules: Arguments<Values>,
): Values {
  const names = Object.keys(rules);
  for (const name of Object.keys(section.values)) {
    if (name !== 'type' && !names.includes(name))
      throw new UserError(
        `Cannot use ${section.originOf(name)}: ${subject} has no argument ${name}; one of ${names.join(', ')} is wanted.${suggest(name, names)}`,
      );
  }
  const entries = names.map((name) => [name, readOne(section, subject, name, rules[name as keyof Values])]);
  return Object.fromEntries(entries) as Values;
}

/** An error about one argument's value. */
export function argumentError(section: Section, name: string, wanted: string): UserError {
  const value = section.values[name];
  const given = name in section.values ? JSON.stringify(value) : 'missing';
  return cannot('use', section.originOf(name), `${name} is ${given}`, `${wanted} is wanted${fixNumber(value)}`);
}

export function number(fallback?: number): Argument<number> {
  return rule('a number', fallback, (value) =>
    typeof value === 'number' && Number.isFinite(value) ? value : undefined,
  );
}

export function numberAbove(bound: number, fallback?: number): Argument<number> {
  return rule(`a number above ${bound}`, fallback, (value) =>
    typeof value === 'number' && Number.isFinite(value) && value > bound ? value : undefined,
  );
}

export function numberWithin(low: number, high: number, fallback?: number): Argument<number> {
  return rule(`a number of ${low} to ${high}`, fallback, (value) =>
    typeof value === 'number' && value >= low && value <= high ? value : undefined,
  );
}

export function integerFrom(low: number, fallback?: number): Argument<number> {
  return rule(`a whole number from ${low}`, fallback, (value) =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= low ? value : undefined,
  );
}

/** What a pixel of a label can hold. */
export function byte(fallback?: number): Argument<number> {
  return rule('a whole number of 0 to 255', fallback, (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 255 ? value : undefined,
  );
}

export function boolean(fallback?: boolean): Argument<boolean> {
  return rule('true or false', fallback, (value) => (typeof value === 'boolean' ? value : undefined));
}

export function text(fallback?: string): Argument<string> {
  return rule('text', fallback, (value) => (typeof value === 'string' && value !== '' ? value : undefined));
}

export function oneOf<Choice extends string>(choices: readonly Choice[], fallback?: Choice): Argument<Choice> {
  return rule(`one of ${choices.join(', ')}`, fallback, (value) => choices.find((choice) => choice === value));
}

/** [width, height], as PaddleSeg writes every size. */
export function size(fallback?: readonly [number, number]): Argument<readonly [number, number]> {
  return rule('[width, height] in whole pixels', fallback, (value) => {
    if (!Array.isArray(value) || value.length !== 2) return undefined;
    return value.every((side) => Number.isSafeInteger(side) && side > 0) ? [value[0], value[1]] : undefined;
  });
}

/** One number for all channels, or three. */
export function perChannel(fallback?: readonly number[]): Argument<readonly number[]> {
  return rule('a list of one number or three', fallback, (value) => {
    if (!Array.isArray(value) || (value.length !== 1 && value.length !== 3)) return undefined;
    return value.every((item) => typeof item === 'number' && Number.isFinite(item)) ? value : undefined;
  });
}

/** `inner`, or null, which it is where nobody gives it. */
export function optional<Value>(inner: Argument<Value>): Argument<Value | null> {
  return {
    wanted: `${inner.wanted}, or nothing,`,
    fallback: null,
    parse: (value) => (value === null ? null : inner.parse(value)),
  };
}

function rule<Value>(
  wanted: string,
  fallback: Value | undefined,
  parse: (value: unknown) => Value | undefined,
): Argument<Value> {
  return fallback === undefined ? { wanted, parse } : { wanted, fallback, parse };
}

function readOne<Value>(section: Section, subject: string, name: string, argument: Argument<Value>): Value {
  if (!(name in section.values)) {
    if (argument.fallback !== undefined) return argument.fallback;
    throw new UserError(
      `Cannot use ${section.originOf()}: ${subject} lacks the argument ${name}; ${argument.wanted} is wanted`,
    );
  }
  const value = argument.parse(section.values[name]);
  if (value !== undefined) return value;
  throw argumentError(section, name, argument.wanted);
}
