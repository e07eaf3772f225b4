import { kindNamed } from '../kinds/index.js';
import type { CaseResult } from '../result/record/case-result.js';

/** `goes wrong first at norm1`; in a training, `goes wrong at grads/norm1.weight, the gradient nearest to the loss`. */
export function describeCulprit({ fault, firstFault }: CaseResult, culprit: string): string {
  if (culprit === firstFault) return `goes wrong first at ${culprit}`;
  return `goes wrong at ${culprit}${fault === null ? '' : `, ${kindNamed(fault.kind).words}`}`;
}
