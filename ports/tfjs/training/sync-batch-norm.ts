import type { Collective } from '../../../harness/hosts/port-contract.js';
import type { Tensor, Tensor4D, TensorFlowJs } from '../../tfjs-shared/tensorflow-js.js';
import type { BatchStatistics } from './batch-norm.js';
import { differentiate, sumPerChannel } from './gradient.js';

/**
 * A batch norm whose batch is that of all ranks: each normalises its own share with the statistics of all, and the gradient
 * takes its two means over all. The gradients of weight and bias are of this rank's share; they are averaged with the rest.
 * Shapes: x [b, h, w, c], weight and bias [c] → [b, h, w, c]. Source: sync_batch_norm_op of Paddle.
 * Differs: it takes the variance as E[x²] − E[x]²; here centred sums of squares are put together.
 */
export function syncBatchNorm(
  tf: TensorFlowJs,
  ranks: Collective,
  [x, weight, bias]: readonly [Tensor4D, Tensor, Tensor],
  epsilon: number,
  onStatistics: (statistics: BatchStatistics) => void,
): Tensor {
  let count = 0;
  return differentiate(tf, [x, weight, bias], {
    value([map, scale, shift], save) {
      const found = statisticsOfAll(tf, ranks, map as Tensor4D);
      count = found.count;
      const mean = tf.tensor1d(found.mean);
      const unbiased = Float32Array.from(found.squares, (sum) => sum / Math.max(count - 1, 1));
      onStatistics({ mean, variance: tf.tensor1d(unbiased), count });
      const variance = tf.tensor1d(Float32Array.from(found.squares, (sum) => sum / count));
      const inverse = tf.rsqrt(tf.add(variance, epsilon));
      const normal = tf.mul(tf.sub(map!, mean), inverse);
      save([normal, inverse, scale!]);
      return tf.add(tf.mul(normal, scale!), shift!);
    },
    gradients(dy, [normal, inverse, scale]) {
      const ofBias = sumPerChannel(tf, dy);
      const ofWeight = sumPerChannel(tf, tf.mul(dy, normal!));
      const [channels = 0] = ofBias.shape;
      const sums = tf.concat([ofBias, ofWeight]).dataSync<'float32'>().slice();
      ranks.sum(sums);
      const meanOf = (from: number) => tf.tensor1d(sums.slice(from, from + channels).map((sum) => sum / count));
      const along = tf.mul(normal!, meanOf(channels));
      const dx = tf.mul(tf.sub(tf.sub(dy, meanOf(0)), along), tf.mul(inverse!, scale!));
      return [dx, ofWeight, ofBias];
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

/** In float64 from each rank's own mean and centred squares, which travel in one sum: each rank fills its own place. */
function statisticsOfAll(tf: TensorFlowJs, ranks: Collective, map: Tensor4D): ChannelStatistics {
  const { rank, size } = ranks;
  const channels = map.shape[3];
  const place = 2 * channels + 1;
  const gathered = new Float32Array(size * place);
  const own = tf.tidy(() => {
    const mean = tf.div(sumPerChannel(tf, map), map.size / channels);
    return tf.concat([mean, sumPerChannel(tf, tf.square(tf.sub(map, mean)))]).dataSync<'float32'>();
  });
  gathered.set(own, rank * place);
  gathered[rank * place + 2 * channels] = map.size / channels;
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
      squares[channel]! += share[channels + channel]! + apart * apart * share[2 * channels]!;
    }
  }
  return { mean, squares, count };
}
