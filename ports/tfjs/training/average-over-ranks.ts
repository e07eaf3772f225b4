import type { Collective } from '../../../harness/hosts/port-contract.js';
import type { Tensor, Tensor1D, TensorFlowJs } from '../../tfjs-shared/tensorflow-js.js';

export interface Averaged {
  /** 0, or what is not finite if the loss of any rank is not. */
  readonly lossAnywhere: number;
  readonly vectors: readonly Tensor1D[];
}

/** The mean over all ranks of each element of `vectors`, in one sum that the loss takes part in. */
export function averageOverRanks(
  tf: TensorFlowJs,
  ranks: Collective,
  loss: Tensor,
  vectors: readonly Tensor1D[],
): Averaged {
  const length = vectors.reduce((sum, { size }) => sum + size, 0);
  const values = new Float32Array(length + 1);
  values[length] = loss.dataSync()[0]! * 0;
  let filled = 0;
  for (const vector of vectors) {
    values.set(vector.dataSync<'float32'>(), filled);
    filled += vector.size;
  }
  ranks.sum(values);
  filled = 0;
  const averaged = vectors.map(({ size }) => {
    const start = filled;
    filled += size;
    return tf.tidy(() => tf.div(tf.tensor1d(values.slice(start, filled)), ranks.size) as Tensor1D);
  });
  return { lossAnywhere: values[length]!, vectors: averaged };
}
