import type { Collective } from '../../../harness/contract/port.js';
import type { Tensor, Tensor1D, TensorFlowJs } from '../../tfjs-shared/tensorflow-js.js';
import { readTogether } from './join-tensors.js';

export interface Summed {
  /** 0, or what is not finite if the loss of any rank is not. */
  readonly lossAnywhere: number;
  /** New tensors, to be read before the next sum: until then they may be views of its numbers. */
  readonly vectors: readonly Tensor1D[];
}

/**
 * Sums vectors element by element over all ranks, in one sum that the loss takes part in, and in one place for all
 * steps.
 */
export function sumOverRanks(
  tf: TensorFlowJs,
  ranks: Collective,
): (loss: Tensor, vectors: readonly Tensor1D[]) => Summed {
  let values = new Float32Array(0);
  return (loss, vectors) => {
    const ends = endsOf(vectors);
    const length = ends.at(-1) ?? 0;
    if (values.length !== length + 1) values = new Float32Array(length + 1);
    values[length] = loss.dataSync()[0]! * 0;
    readTogether(vectors, values);
    ranks.sum(values);
    const share = ({ size }: Tensor1D, at: number) => tf.tensor1d(values.subarray(ends[at]! - size, ends[at]));
    return { lossAnywhere: values[length]!, vectors: vectors.map(share) };
  };
}

/** Where each ends, one after the other. */
function endsOf(vectors: readonly Tensor1D[]): number[] {
  let end = 0;
  return vectors.map(({ size }) => (end += size));
}
