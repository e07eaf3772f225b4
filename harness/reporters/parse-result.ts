import type { Result } from '../result.js';
import { UserError } from '../support/errors.js';
import { parseUserJson } from '../support/parse-json.js';
import { packageSchema, type SchemaFault } from '../support/schema.js';

/**
 * A stored `result.json`, checked against result.schema.json.
 * @param source the file's path, for the error
 * @throws UserError that names the file and the first field that is wrong
 */
export function parseResult(text: string, source = 'result.json'): Result {
  const value = parseUserJson(text, `the result ${source}`, 'a result.json that tipcheck wrote is wanted');
  const fault = schema.findFault(value);
  if (fault !== null) throw new UserError(`Cannot read the result ${source}: ${renderError(fault)}`);
  return value as Result;
}

const schema = packageSchema('harness/reporters/result.schema.json');

function renderError(error: SchemaFault): string {
  const field = error.instancePath === '' ? 'the file' : error.instancePath;
  const extra = typeof error.params.additionalProperty === 'string' ? ` (${error.params.additionalProperty})` : '';
  const allowed = Array.isArray(error.params.allowedValues) ? `: ${JSON.stringify(error.params.allowedValues)}` : '';
  return `${field} ${error.message ?? 'is wrong'}${extra}${allowed}; a result.json that tipcheck wrote is wanted`;
}
