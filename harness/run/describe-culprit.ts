import type { CaseResult, FaultKind } from '../result.js';

/** `goes wrong first at norm1`; in a training, `goes wrong at grads/norm1.weight, the gradient nearest to the loss`. */
export function describeCulprit({ fault, firstFault }: CaseResult, culprit: string): string {
  if (culprit === firstFault) return `goes wrong first at ${culprit}`;
  const kind = fault == null ? '' : kindWords[fault.kind];
  return `goes wrong at ${culprit}${kind === '' ? '' : `, ${kind}`}`;
}

const kindWords: Readonly<Record<FaultKind, string>> = {
  rate: 'a learning rate',
  forward: 'a layer of the forward',
  statistics: 'a statistic after the first step',
  loss: 'the first loss',
  gradient: 'the wrong gradient that is nearest to the loss',
  update: 'the first update',
  'later-loss': 'a later loss',
  parameter: 'a parameter after the last step',
  buffer: 'a statistic after the last step',
};
