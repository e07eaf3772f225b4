import { type CaseResult, type Fault, type FaultKind, faultKinds, type Measurement } from '../result.js';

/**
 * The likely cause of what fails (CONTRACT, section 3, `fault`): of the first kind, in the order of causes, of which something
 * fails or is missing, the first in file order. Of gradients it is the last, which is nearest to the loss: a wrong one makes all
 * before it wrong. Null where nothing fails, of an evaluation, and where only rounding adds up from layer to layer.
 */
export function findFault(phase: CaseResult['phase'], measurements: readonly Measurement[]): Fault | null {
  if (phase === 'eval') return null;
  for (const kind of faultKinds) {
    const failing = measurements.filter((one) => kindOfProbe(phase, one.name) === kind && isCause(phase, one));
    const found = kind === 'gradient' ? failing.at(-1) : failing[0];
    if (found !== undefined) return { kind, name: found.name };
  }
  return null;
}

/** A layer counts by its own error where that was judged: what it inherits is no fault of its own. One that is missing counts. */
function isCause(phase: CaseResult['phase'], { verdict, own }: Measurement): boolean {
  if (verdict === 'missing') return true;
  if (phase === 'infer' && own !== null && own.verdict !== 'reported') return own.verdict === 'fail';
  return verdict === 'fail';
}

function kindOfProbe(phase: CaseResult['phase'], name: string): FaultKind {
  if (phase === 'infer') return 'forward';
  const [kind, step] = name.split('/');
  if (kind === 'loss') return step === '0' ? 'loss' : 'later-loss';
  return trainKinds[kind!] ?? 'buffer';
}

/** By the first part of the names that results give (`training-targets.ts`). */
const trainKinds: Readonly<Record<string, FaultKind>> = { lr: 'rate', grads: 'gradient', params: 'parameter' };
