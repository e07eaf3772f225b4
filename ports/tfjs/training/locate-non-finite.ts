import type { TrainingBatch } from '../../../harness/contract/port.js';
import type { Tensor, TensorFlowJs } from '../../tfjs-shared/tensorflow-js.js';
import { firstOfAllRanks, isFiniteAll } from './non-finite.js';
import { type ForwardPlan, trainingForward } from './training-forward.js';

/**
 * Where NaN or Inf appeared first in a step that was given up, the same on all ranks: the first probe of the forward,
 * which is run once more; `loss` if all probes are finite and the loss is not; else the first gradient of the way back.
 * @param gradientOf averaged over the ranks, or null
 */
export function locateNonFinite(
  tf: TensorFlowJs,
  plan: ForwardPlan,
  batch: TrainingBatch,
  gradientOf: (parameter: string) => Tensor | null,
): string {
  const probes: string[] = [];
  const read = new Set<string>();
  let firstHere = -1;
  tf.tidy(() => {
    const onProbe = (name: string, x: Tensor) => {
      if (firstHere < 0 && !isFiniteAll(tf, x)) firstHere = probes.length;
      probes.push(name);
    };
    const onParameter = (name: string) => {
      read.add(name);
    };
    const loss = trainingForward(tf, plan, batch, { onStatistics: () => undefined, onProbe, onParameter });
    if (firstHere < 0 && !isFiniteAll(tf, loss)) firstHere = probes.length;
  });
  const first = firstOfAllRanks(plan.ranks, firstHere);
  if (first >= 0) return probes[first] ?? 'loss';
  const backward = [...read].reverse();
  const found = backward.find((name) =>
    tf.tidy(() => {
      const gradient = gradientOf(name);
      return gradient !== null && !isFiniteAll(tf, gradient);
    }),
  );
  if (found === undefined) throw new Error('a step was given up, and all that it computed is finite');
  return found;
}
