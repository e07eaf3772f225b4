import { knownGoldens } from '../golden/list-shipped.js';
import { kinds, knownLimits } from '../kinds/index.js';
import { cannot } from '../support/errors.js';
import { parseUserJson } from '../support/parse-json.js';
import { packageSchema, type SchemaFault } from '../support/schema.js';
import { findUnusable } from './find-unusable.js';
import type { Result } from './record/result.js';
import type { StepResult } from './record/tipc-run.js';
import { type Result1, type Step1, upgradeResult1, upgradeStep } from './upgrade-1.js';

/**
 * A stored `result.json`, checked against the schema of its format. One of format 1 is made a Result of today.
 * @param source the file's path, for the error
 * @throws UserError that names the file and the first field that is wrong
 */
export function parseResult(text: string, source = 'result.json'): Result {
  const subject = `the result ${source}`;
  const value = parseUserJson(text, subject, wanted);
  const isFirst = typeof value === 'object' && value !== null && 'format' in value && value.format === format1;
  const fault = (isFirst ? schema1 : schema).findFault(value);
  if (fault !== null) throw cannot('read', subject, renderError(fault), wanted);
  const result = isFirst ? upgradeResult1(value as Result1) : (value as Result);
  const stray = kindsIn(result).find((kind) => !kinds.has(kind));
  if (stray !== undefined)
    throw cannot('read', subject, `it has the kind ${stray}`, `one of ${[...kinds.keys()].join(', ')} is wanted`);
  if (!knownLimits.includes(result.limits))
    throw cannot('read', subject, `it was judged by ${result.limits}`, `${knownLimits.join(' or ')} is wanted`);
  if (!knownGoldens.includes(result.goldens))
    throw cannot('read', subject, `it was judged on ${result.goldens}`, `${knownGoldens.join(' or ')} is wanted`);
  const unusable = findUnusable(result);
  if (unusable !== null) throw cannot('read', subject, unusable, wanted);
  return result;
}

/** What a step wrote of itself, in the format of today or in the first; null for what is not a step. */
export function toStep(value: unknown): StepResult | null {
  if (schema.findFault(value, step) === null) return value as StepResult;
  return schema1.findFault(value, step) === null ? upgradeStep(value as Step1) : null;
}

const wanted = 'a result.json that tipcheck wrote is wanted';
const step = '#/definitions/step';
const format1 = 'tipcheck-result/1';
const schema = packageSchema('harness/result/result.schema.json');
const schema1 = packageSchema('harness/result/result-1.schema.json');

function kindsIn({ cases, tipc }: Result): string[] {
  const inCases = cases.flatMap(({ measurements, shipped, fault }) => [
    ...measurements.flatMap(({ kind, own, spread }) => [kind, own?.kind ?? [], spread?.kind ?? []].flat()),
    ...(shipped === null ? [] : [shipped.kind, shipped.logits.kind]),
    ...(fault === null ? [] : [fault.kind]),
  ]);
  const inSteps = (tipc?.steps ?? []).flatMap(({ checks }) => checks.flatMap(({ kind }) => kind ?? []));
  return [...inCases, ...inSteps];
}

function renderError(error: SchemaFault): string {
  const field = error.instancePath === '' ? 'the file' : error.instancePath;
  const extra = typeof error.params.additionalProperty === 'string' ? ` (${error.params.additionalProperty})` : '';
  const allowed = Array.isArray(error.params.allowedValues) ? `: ${JSON.stringify(error.params.allowedValues)}` : '';
  return `${field} ${error.message ?? 'is wrong'}${extra}${allowed}`;
}
