import { cannot } from '../support/errors.js';
import { suggest } from '../support/suggest.js';
import { caseOf } from './bundle-files.js';
import type { CaseFile } from './case-file.js';

/**
 * Names of the probes that are the model's outputs, each once, in order. Absent: `logits`; of a training none. Throws a
 * UserError.
 */
export function parseOutputs(folder: string, { phase, outputs, probes = [] }: CaseFile): readonly string[] {
  if (outputs === undefined) return phase === 'infer' ? ['logits'] : [];
  const names = probes.map(({ name }) => name);
  for (const [at, name] of outputs.entries()) {
    const before = outputs.indexOf(name);
    if (before < at) {
      const is = `outputs[${at}] is ${name}, as is outputs[${before}]`;
      throw cannot('read', caseOf(folder), is, 'each name once is wanted');
    }
    if (names.includes(name)) continue;
    const wanted = `the name of a probe is wanted.${suggest(name, names)}`;
    throw cannot('read', caseOf(folder), `outputs[${at}] is ${name}, which is not a probe`, wanted);
  }
  return outputs;
}
