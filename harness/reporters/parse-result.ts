import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import type { Result } from '../result.js';
import { UserError } from '../support/errors.js';
import { readPackageText } from '../support/package-root.js';
import { parseUserJson } from '../support/parse-json.js';

/**
 * A stored `result.json`, checked against result.schema.json.
 * @param source the file's path, for the error
 * @throws UserError that names the file and the first field that is wrong
 */
export function parseResult(text: string, source = 'result.json'): Result {
  const value = parseUserJson(text, `the result ${source}`, 'a result.json that tipcheck wrote is wanted');
  const validate = resultValidator();
  if (!validate(value)) throw new UserError(`Cannot read the result ${source}: ${renderError(validate.errors?.[0])}`);
  return value;
}

let validator: ValidateFunction<Result> | null = null;

function resultValidator(): ValidateFunction<Result> {
  const schema: object = JSON.parse(readPackageText('harness/reporters/result.schema.json'));
  validator ??= new Ajv({ allowUnionTypes: true }).compile<Result>(schema);
  return validator;
}

function renderError(error: ErrorObject | undefined): string {
  if (error === undefined) return 'it does not follow result.schema.json';
  const field = error.instancePath === '' ? 'the file' : error.instancePath;
  const extra = typeof error.params.additionalProperty === 'string' ? ` (${error.params.additionalProperty})` : '';
  const allowed = Array.isArray(error.params.allowedValues) ? `: ${JSON.stringify(error.params.allowedValues)}` : '';
  return `${field} ${error.message ?? 'is wrong'}${extra}${allowed}; a result.json that tipcheck wrote is wanted`;
}
