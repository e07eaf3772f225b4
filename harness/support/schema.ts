import { Ajv, type ErrorObject } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { readPackageText } from './package-root.js';

/** The first thing that is wrong with a value, as ajv says it. */
export type SchemaFault = ErrorObject;

/** A JSON schema that values are held against. */
export interface Schema {
  /**
   * Fills in the schema's defaults, and gives the first fault; null where the value follows it.
   * @param definition a pointer into the schema, such as `#/$defs/Adam`; absent: all of it
   */
  findFault(value: unknown, definition?: string): SchemaFault | null;
}

interface SchemaText {
  readonly $id: string;
  readonly $schema?: string;
  readonly $defs?: Readonly<Record<string, object>>;
}

/**
 * The schema of the project at `path`, from its root. It is compiled at first use, which takes tens of milliseconds.
 */
export function packageSchema(path: string): Schema {
  let compiled: Schema | null = null;
  return {
    findFault(value, definition) {
      compiled ??= compileSchema(JSON.parse(readPackageText(path)));
      return compiled.findFault(value, definition);
    },
  };
}

/** The same of a schema at hand. */
export function compileSchema(schema: SchemaText): Schema {
  const Dialect = schema.$schema?.includes('draft-07') === true ? Ajv : Ajv2020;
  const ajv = new Dialect({
    strict: true,
    strictRequired: false,
    allowUnionTypes: true,
    useDefaults: true,
    verbose: true,
  });
  ajv.addSchema(schema);
  return {
    findFault(value, definition = '') {
      const validate = ajv.getSchema(`${schema.$id}${definition}`);
      if (validate === undefined) throw new Error(`${schema.$id} has no definition ${definition}`);
      return validate(value) === true ? null : validate.errors![0]!;
    },
  };
}
