import type { Collective } from '../../../harness/contract/port.js';
import type { Tensor, TensorFlowJs } from '../../tfjs-shared/tensorflow-js.js';

/** Whether all elements of all tensors are finite, and the first element of the first, in one read-back. */
export function readFirst(
  tf: TensorFlowJs,
  tensors: readonly Tensor[],
): { readonly first: number; readonly finite: boolean } {
  // One pass over the elements. A sum that is finite has finite terms; one that is not may have overflown.
  const sums = tf.tidy(() => tf.stack(tensors.map((tensor) => tf.sum(tensor))).dataSync());
  const finite = sums.every(Number.isFinite) || tensors.every((tensor) => isFiniteAll(tf, tensor));
  return { first: sums[0]!, finite };
}

export function isFiniteAll(tf: TensorFlowJs, tensor: Tensor): boolean {
  return tf.tidy(() => tf.all(tf.isFinite(tensor)).dataSync()[0] === 1);
}

/**
 * The first place of an ordered list that is not finite on any rank; −1 if there is none. Each rank has looked at its
 * own.
 * @param firstHere its place, or −1
 */
export function firstOfAllRanks(ranks: Collective | undefined, firstHere: number): number {
  if (ranks === undefined) return firstHere;
  const places = new Float32Array(ranks.size);
  places[ranks.rank] = firstHere + 1;
  ranks.sum(places);
  const found = [...places].filter((place) => place > 0);
  return found.length === 0 ? -1 : Math.min(...found) - 1;
}
