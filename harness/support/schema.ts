import { createRequire } from 'node:module';
import type { Ajv, ErrorObject } from 'ajv';
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

/**
 * The same of a schema at hand. It is not held against its own dialect, which takes as long as all else: a test does so
 * once and for all.
 */
export function compileSchema(schema: SchemaText): Schema {
  let ajv: Ajv | null = null;
  return {
    findFault(value, definition = '') {
      ajv ??= newAjv(schema);
      const validate = ajv.getSchema(`${schema.$id}${definition}`);
      if (validate === undefined) throw new Error(`${schema.$id} has no definition ${definition}`);
      return validate(value) === true ? null : validate.errors![0]!;
    },
  };
}

/** What is wrong with a schema by its own dialect; null where nothing is. */
export function describeSchemaFault(schema: SchemaText): string | null {
  const ajv = newAjv(schema, { meta: true });
  return ajv.validateSchema(schema) === true ? null : ajv.errorsText();
}

function newAjv(schema: SchemaText, { meta }: { readonly meta: boolean } = { meta: false }): Ajv {
  // Loaded at first use, which half of the processes never come to.
  const require = createRequire(import.meta.url);
  const isDraft07 = schema.$schema?.includes('draft-07') === true;
  const { default: Dialect }: { default: typeof Ajv } = require(isDraft07 ? 'ajv' : 'ajv/dist/2020.js');
  const ajv = new Dialect({
    ...{ strict: true, strictRequired: false, allowUnionTypes: true, useDefaults: true, verbose: true },
    ...{ meta, validateSchema: false },
    // The code that it writes runs once or twice: making it shorter takes longer.
    code: { optimize: false },
  });
  return ajv.addSchema(schema);
}
