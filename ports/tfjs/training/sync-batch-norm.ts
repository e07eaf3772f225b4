import type { Collective } from '../../../harness/contract/port.js';
import type { Tensor, Tensor4D, TensorFlowJs } from '../../tfjs-shared/tensorflow-js.js';
import type { BatchStatistics } from './batch-norm.js';
import { type FusedBatchNorm, fusedBatchNorm } from './fused-batch-norm.js';
import { differentiate } from './gradient.js';
import { readTogether } from './join-tensors.js';
import type { NativeOps } from './native-ops.js';

/**
 * A batch norm whose batch is that of all ranks: each normalises its own share with the statistics of all, and the
 * gradient takes its two means over all. The gradients of weight and bias are of this rank's share; they are averaged
 * with the rest.
 * Shapes: x [b, h, w, c], weight and bias [c] → [b, h, w, c]. Source: sync_batch_norm_op of Paddle.
 * Differs: it takes the variance as E[x²] − E[x]²; here centred sums of squares are put together.
 */
export function syncBatchNorm(
  tf: TensorFlowJs,
  native: NativeOps,
  ranks: Collective,
  [x, weight, bias]: readonly [Tensor4D, Tensor, Tensor],
  epsilon: number,
  onStatistics: (statistics: BatchStatistics) => void,
): Tensor {
  const fused = fusedBatchNorm(tf, native, epsilon);
  let count = 0;
  return differentiate(tf, [x, weight, bias], {
    value([map, scale, shift], save) {
      const found = statisticsOfAll(fused, ranks, [map as Tensor4D, scale!, shift!]);
      count = found.count;
      const mean = tf.tensor1d(found.mean);
      const unbiased = Float32Array.from(found.squares, (sum) => sum / Math.max(count - 1, 1));
      onStatistics({ mean, variance: tf.tensor1d(unbiased), count });
      const variance = tf.tensor1d(Float32Array.from(found.squares, (sum) => sum / count));
      save([map!, scale!, mean, variance]);
      return fused.normaliseBy([mean, variance], [map!, scale!, shift!]);
    },
    gradients(dy, saved) {
      const [map, scale, mean, variance] = saved as [Tensor, Tensor, Tensor, Tensor];
      const own = fused.gradientsBy([mean, variance], dy, [map, scale]) as [Tensor, Tensor, Tensor];
      const [ofMap, ofWeight, ofBias] = own;
      const channels = ofBias.size;
      const sums = new Float32Array(2 * channels);
      readTogether([ofBias, ofWeight], sums);
      ranks.sum(sums);
      // The statistics depend on the map, which takes away a batch norm of the map: −γσ⁻¹ (mean(dy) + x̂ · mean(dy ·
      // x̂)).
      const [weights, variances] = [scale.dataSync(), variance.dataSync()];
      const factor = Float64Array.from(weights, (weight, at) => -weight / Math.sqrt(variances[at]! + epsilon));
      const taken = sums.map((sum, at) => (sum / count) * factor[at % channels]!);
      const [shift, along] = [tf.tensor1d(taken.subarray(0, channels)), tf.tensor1d(taken.subarray(channels))];
      return [tf.add(ofMap, fused.normaliseBy([mean, variance], [map, along, shift])), ofWeight, ofBias];
    },
  });
}

interface ChannelStatistics {
  readonly mean: Float32Array;
  /** Σ (x − mean)². */
  readonly squares: Float64Array;
  /** Elements of a channel, on all ranks. */
  readonly count: number;
}

/** In float64 from each rank's own mean and variance, which travel in one sum: each rank fills its own place. */
function statisticsOfAll(
  fused: FusedBatchNorm,
  ranks: Collective,
  [map, weight, bias]: readonly [Tensor4D, Tensor, Tensor],
): ChannelStatistics {
  const { rank, size } = ranks;
  const channels = map.shape[3];
  const ownCount = map.size / channels;
  const place = 2 * channels + 1;
  const gathered = new Float32Array(size * place);
  const own = fused.normalise([map, weight, bias]);
  readTogether([own.mean, own.variance], gathered, rank * place);
  gathered[rank * place + 2 * channels] = ownCount;
  ranks.sum(gathered);
  const shares = Array.from({ length: size }, (_, of) => gathered.subarray(of * place, (of + 1) * place));
  const count = shares.reduce((total, share) => total + share[2 * channels]!, 0);
  const squares = new Float64Array(channels);
  const mean = new Float32Array(channels);
  for (let channel = 0; channel < channels; channel++) {
    const total = shares.reduce((running, share) => running + share[channel]! * share[2 * channels]!, 0);
    mean[channel] = total / count;
    for (const share of shares) {
      const apart = share[channel]! - total / count;
      const shareCount = share[2 * channels]!;
      squares[channel]! += share[channels + channel]! * (shareCount - 1) + apart * apart * shareCount;
    }
  }
  return { mean, squares, count };
}
