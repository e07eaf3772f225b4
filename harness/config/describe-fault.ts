import type { SchemaFault } from '../support/schema.js';

/** What is wrong with a suite or a waiver: `<field> is …; … is wanted`. */
export function describeFault({ instancePath, keyword, params, message }: SchemaFault): string {
  const where = instancePath === '' ? 'it' : instancePath.slice(1).replaceAll('/', '.');
  if (keyword === 'additionalProperties')
    return `${where} has the unknown key ${String(params.additionalProperty)}; only known keys are wanted`;
  if (keyword === 'required') return `${where} lacks the key ${String(params.missingProperty)}; it is wanted`;
  if (keyword === 'not') return `${where} waives a crash and names a probe; a crash is of a whole case, without one`;
  if (keyword === 'enum')
    return `${where} is none of ${(params.allowedValues as string[]).join(', ')}; one of them is wanted`;
  return `${where} is not as wanted: it ${message}`;
}
