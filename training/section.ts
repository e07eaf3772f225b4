import { UserError } from '../harness/support/errors.js';
import { compileSchema } from '../harness/support/schema.js';
import { suggest } from '../harness/support/suggest.js';
import { type SectionReader, sectionReader } from '../models/section-schema.js';

/** A section of a PaddleSeg yml, or a part of one. */
export type Section = Readonly<Record<string, unknown>>;

/** A closed object schema: keys that are not here are refused, and missing ones take their `default`. */
export function closedSchema(properties: Readonly<Record<string, object>>, required: readonly string[] = []): object {
  return { type: 'object', additionalProperties: false, properties, required: [...required] };
}

/** Reads sections whose `type` picks one of `definitions`. `subject` is what errors call them. */
export function typedReader(
  id: string,
  subject: string,
  definitions: Readonly<Record<string, object>>,
): { readonly types: readonly string[]; typeOf(section: Section, at: string): string; readonly read: SectionReader } {
  const types = Object.keys(definitions).filter((name) => /^[A-Z]/.test(name));
  const read = sectionReader(compileSchema({ $id: id, $defs: definitions }), subject);
  const under = (at: string) => (at === '' ? '' : `${at}.`);
  return {
    types,
    typeOf(section, at) {
      const { type } = section;
      if (typeof type !== 'string') {
        throw new UserError(
          `Cannot read ${subject}: ${under(at)}type is ${JSON.stringify(type) ?? 'missing'}; one of ${types.join(', ')} is wanted`,
        );
      }
      if (types.includes(type)) return type;
      throw new UserError(
        `Cannot read ${subject}: ${under(at)}type is ${type}; one of ${types.join(', ')} is wanted.${suggest(type, types)}`,
      );
    },
    read: (value, definition, at) => read(value, `#/$defs/${definition}`, at),
  };
}
