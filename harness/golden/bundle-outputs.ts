import { cannot } from '../support/errors.js';
import { suggest } from '../support/suggest.js';
import { caseOf } from './bundle-files.js';
import type { CaseFile } from './case-file.js';

/**
 * Names of the probes that are the model's outputs, each once, in order. Absent: `logits`; of a training none. Throws a
 * UserError.
 */
export function parseOutputs(folder: string, { format, phase, outputs, probes = [] }: CaseFile): readonly string[] {
  const names = probes.map(({ name }) => name);
  if (outputs === undefined) {
    // Without one the graph that users run would not be judged at all.
    if (format === 'golden-bundle/2' && phase === 'infer' && !names.includes('logits'))
      throw cannot('read', caseOf(folder), 'outputs is left out and no probe is logits', 'names of probes are wanted');
    return phase === 'infer' ? ['logits'] : [];
  }
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
