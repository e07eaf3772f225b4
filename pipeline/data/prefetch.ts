import type { PreparedSample, SampleTask } from './prepare-sample.js';
import type { SamplePool } from './sample-pool.js';

/** Samples in the order of their tasks, some of them being made, or waiting, before they are asked for. */
export interface SampleQueue {
  /** Asks for as many as may be made ahead. */
  refill(): void;
  /** The next one, or null after the last. @throws what the pool throws, when it is that sample's turn */
  take(): Promise<PreparedSample | null>;
}

type Settled = { readonly sample: PreparedSample } | { readonly error: unknown };

/** @param ahead how many are being made or wait beside the one that is used */
export function openSampleQueue(pool: SamplePool, tasks: Iterable<SampleTask>, ahead: number): SampleQueue {
  const queue: Promise<Settled>[] = [];
  const source = tasks[Symbol.iterator]();
  const refill = () => {
    while (queue.length < ahead + 1) {
      const task = source.next();
      if (task.done) return;
      queue.push(settle(pool.make(task.value)));
    }
  };
  return {
    refill,
    async take() {
      if (queue.length === 0) refill();
      const settled = await queue.shift();
      if (settled === undefined) return null;
      if ('error' in settled) throw settled.error;
      return settled.sample;
    },
  };
}

/** The samples of a queue that is refilled whenever one is taken. */
export async function* prefetch(
  pool: SamplePool,
  tasks: Iterable<SampleTask>,
  ahead: number,
): AsyncGenerator<PreparedSample, void, undefined> {
  const queue = openSampleQueue(pool, tasks, ahead);
  for (;;) {
    queue.refill();
    const sample = await queue.take();
    if (sample === null) return;
    yield sample;
  }
}

/** A failure waits for its turn; until then it must not be an unhandled rejection. */
function settle(sample: Promise<PreparedSample>): Promise<Settled> {
  return sample.then(
    (made) => ({ sample: made }),
    (error: unknown) => ({ error }),
  );
}
