import type { Tensor, TensorFlowJs } from '../../tfjs-shared/tensorflow-js.js';
import type { BatchStatistics } from './batch-norm.js';
import type { TrainingState } from './state.js';
import type { StatisticsOptions } from './training-operators.js';

/** What the batch norms of a step saw, kept until it is known whether the step counts. */
export interface SeenStatistics {
  add(name: string, statistics: BatchStatistics, options: StatisticsOptions): void;
  /** running = 0.9 · running + 0.1 · batch */
  apply(state: TrainingState): void;
  dispose(): void;
}

export function seenStatistics(tf: TensorFlowJs): SeenStatistics {
  const seen = new Map<string, BatchStatistics & StatisticsOptions>();
  const update = (state: TrainingState, name: string, batch: Tensor, factor: number) => {
    const running = tf.tidy(() =>
      tf.add(tf.mul(state.get(name), runningShare), tf.mul(batch, (1 - runningShare) * factor)),
    );
    state.set(name, running);
  };
  return {
    add(name, { mean, variance, count }, options) {
      seen.set(name, { mean: tf.keep(tf.clone(mean)), variance: tf.keep(tf.clone(variance)), count, ...options });
    },
    apply(state) {
      for (const [name, statistics] of seen) {
        update(state, `${name}._mean`, statistics.mean, 1);
        update(state, `${name}._variance`, statistics.variance, biasOf(statistics));
      }
    },
    dispose() {
      for (const { mean, variance } of seen.values()) tf.dispose([mean, variance]);
    },
  };
}

/** Paddle's default `momentum` of batch norms. */
const runningShare = 0.9;

/** What turns the unbiased variance into the one that is kept. */
function biasOf({ count, runningVariance }: BatchStatistics & StatisticsOptions): number {
  return runningVariance === 'unbiased' || count === 1 ? 1 : (count - 1) / count;
}
