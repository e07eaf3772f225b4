import t from 'tap';
import { openSampleQueue, prefetch } from './prefetch.js';
import type { PreparedSample, SampleTask } from './prepare-sample.js';
import type { SamplePool } from './sample-pool.js';

const tasks: readonly SampleTask[] = [0, 1, 2, 3, 4].map((index) => ({ epoch: 0, index }));

/** Notes what it is asked for; sample 3 cannot be made. */
function notingPool(): { readonly pool: SamplePool; readonly asked: number[] } {
  const asked: number[] = [];
  return {
    asked,
    pool: {
      async make({ index }) {
        asked.push(index);
        if (index === 3) throw new Error('no sample 3');
        return { index } as PreparedSample;
      },
      close: async () => undefined,
    },
  };
}

t.test(
  'a queue asks for as many as may be made ahead, and for another when it is refilled, not when one is taken',
  async (t) => {
    const { pool, asked } = notingPool();
    const queue = openSampleQueue(pool, tasks, 1);
    queue.refill();
    t.same(asked, [0, 1]);
    t.equal((await queue.take())?.index, 0);
    t.same(asked, [0, 1]);
    queue.refill();
    t.same(asked, [0, 1, 2]);
  },
);

t.test('a sample that cannot be made is an error when it is its turn, and the queue ends with null', async (t) => {
  const { pool } = notingPool();
  const queue = openSampleQueue(pool, tasks, 4);
  for (const wanted of [0, 1, 2]) t.equal((await queue.take())?.index, wanted);
  await t.rejects(queue.take(), /no sample 3/);
  t.equal((await queue.take())?.index, 4);
  t.equal(await queue.take(), null);
});

t.test('a loop over a queue has another one made while it uses one', async (t) => {
  const { pool, asked } = notingPool();
  const seen: number[] = [];
  for await (const { index } of prefetch(pool, tasks.slice(0, 3), 1)) {
    seen.push(index);
    t.ok(asked.length > seen.length || index === 2);
  }
  t.same(seen, [0, 1, 2]);
});
