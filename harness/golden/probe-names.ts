import { cannot } from '../support/errors.js';
import type { BundleFormat } from './bundle.js';
import { caseOf } from './bundle-files.js';

/**
 * Validates the names of probes of a forward pass, which are different. In format 2 a name may end in the number of a
 * call, `NAME#2`, and of a further tensor, `NAME[1]` or `NAME#2[1]` (CONTRACT, section 4): calls are counted from 1
 * without gaps, and the first tensor is there. In format 1 a name has no such parts, and may be any text.
 * Throws a UserError.
 */
export function validateProbeNames(
  folder: string,
  format: BundleFormat,
  probes: readonly { readonly name: string }[],
): void {
  if (format === 'golden-bundle/1') return;
  const names = new Set(probes.map(({ name }) => name));
  for (const [at, { name }] of probes.entries()) {
    const fault = findFault(name, names);
    if (fault !== null) throw cannot('read', caseOf(folder), `probes[${at}].name is ${name}${fault.is}`, fault.wanted);
  }
}

interface Fault {
  readonly is: string;
  readonly wanted: string;
}

function findFault(name: string, names: ReadonlySet<string>): Fault | null {
  const [, module, call, tensor] = /^([^#[\]]+)(?:#([1-9]\d*))?(?:\[([1-9]\d*)\])?$/.exec(name) ?? [];
  if (module === undefined)
    return { is: '', wanted: 'NAME, NAME#2, NAME[1] or NAME#2[1], with numbers from 1, is wanted' };
  const first = call === undefined ? module : `${module}#${call}`;
  if (tensor !== undefined && !names.has(first))
    return { is: `, and no probe is ${first}`, wanted: 'the first tensor is wanted beside further ones' };
  if (call === undefined) return null;
  if (names.has(module))
    return { is: `, and another is ${module}`, wanted: `${module} alone, or numbers for all its calls are wanted` };
  const before = `${module}#${Number(call) - 1}`;
  if (call === '1' || names.has(before)) return null;
  return { is: `, and no probe is ${before}`, wanted: 'calls counted from 1 without gaps are wanted' };
}
