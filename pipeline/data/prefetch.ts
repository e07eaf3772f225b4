import type { PreparedSample, SampleTask } from './prepare-sample.js';
import type { SamplePool } from './sample-pool.js';

type Settled = { readonly sample: PreparedSample } | { readonly error: unknown };

/**
 * Samples in the order of their tasks, with up to `ahead` of them being made or waiting beside the one that is used.
 * @throws what the pool throws, when it is that sample's turn
 */
export async function* prefetch(
  pool: SamplePool,
  tasks: Iterable<SampleTask>,
  ahead: number,
): AsyncGenerator<PreparedSample, void, undefined> {
  const queue: Promise<Settled>[] = [];
  const source = tasks[Symbol.iterator]();
  const fill = () => {
    while (queue.length < ahead + 1) {
      const task = source.next();
      if (task.done) return;
      queue.push(settle(pool.make(task.value)));
    }
  };
  for (fill(); queue.length > 0; fill()) {
    const settled = await queue.shift()!;
    if ('error' in settled) throw settled.error;
    yield settled.sample;
  }
}

/** A failure waits for its turn; until then it must not be an unhandled rejection. */
function settle(sample: Promise<PreparedSample>): Promise<Settled> {
  return sample.then(
    (made) => ({ sample: made }),
    (error: unknown) => ({ error }),
  );
}
