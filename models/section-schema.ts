import { UserError } from '../harness/support/errors.js';
import { fixNumber } from '../harness/support/fix-number.js';
import type { Schema, SchemaFault } from '../harness/support/schema.js';
import { suggest } from '../harness/support/suggest.js';

/**
 * Checks a value against one closed schema of a model, fills in its defaults, and says what is wrong in one sentence.
 */
export type SectionReader = <V>(value: unknown, definition: string, at: string) => V;

/** What is wrong with one key of a section. A caller that knows the file can name the line. */
export class SectionError extends UserError {
  /** @param at the key's path in the section; empty for the section itself */
  constructor(
    subject: string,
    readonly at: string,
    readonly what: string,
  ) {
    super(`Cannot read ${subject}: ${what}`);
  }
}

/** Reads by `schema`, whose `definition` is `#` for the whole, or a pointer into it. */
export function sectionReader(schema: Schema, subject: string): SectionReader {
  return <V>(value: unknown, definition: string, at: string): V => {
    const copy: unknown = structuredClone(value);
    const fault = schema.findFault(copy, definition);
    if (fault !== null) throw new SectionError(subject, ...describe(fault, at));
    return copy as V;
  };
}

/** What is wrong where a value is none of a list. */
export function describeChoice(path: string, value: unknown, allowed: readonly string[]): string {
  return `${path} is ${show(value)}; one of ${allowed.join(', ')} is wanted.${suggest(String(value), allowed)}`;
}

/** The key's path, and what is wrong. */
function describe(error: SchemaFault, at: string): [string, string] {
  const path = [at, ...error.instancePath.split('/').slice(1)].filter((part) => part !== '').join('.');
  return [path, explain(error, path)];
}

function explain(error: SchemaFault, path: string): string {
  const under = path === '' ? '' : `${path}.`;
  switch (error.keyword) {
    case 'additionalProperties': {
      const key = String(error.params.additionalProperty);
      const known = Object.keys((error.parentSchema?.properties ?? {}) as object);
      return `${under}${key} is not a key that is known here; the keys are ${known.join(', ')}.${suggest(key, known)}`;
    }
    case 'required':
      return `${under}${error.params.missingProperty} is missing; it has no default`;
    case 'enum': {
      return describeChoice(path, error.data, (error.params.allowedValues as unknown[]).map(String));
    }
    case 'const':
      return `${path} is ${show(error.data)}; ${show(error.params.allowedValue)} is wanted`;
    default:
      return `${path} is ${show(error.data)}; it ${error.message}${fixNumber(error.data)}`;
  }
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}
