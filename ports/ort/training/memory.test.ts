import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import t from 'tap';
import type { Collective } from '../../../harness/contract/port.js';
import { findEngine } from '../../../harness/setup/engines.js';
import { drawBatch, drawWeights, smallRequest } from '../../../training/small-training-for-tests.js';
import { onnxruntimeNode } from '../engine.js';
import { start } from './start-for-tests.js';

const all = process.env.TIPCHECK_TEST_ALL === '1';
const steps = all ? 200 : 40;
const settled = 10;
/** A leak of 50 KB a step, one of the small network's feature maps, would be 9 MB in 200 steps. */
const allowedGrowthMb = 8;

/** The first of two ranks, of which the other has seen the same. */
const twin: Collective = {
  rank: 0,
  size: 2,
  sum(values) {
    for (const [at, value] of values.entries()) values[at] = 2 * value;
  },
};

if (findEngine(onnxruntimeNode) === null) {
  t.comment('not run: onnxruntime-node is not prepared; npx tipcheck prepare --port ort');
} else {
  if (!all) t.comment('not run: 200 steps; npm run test:all runs them');
  t.setTimeout(600_000);
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (const [what, ranks] of Object.entries({ 'one rank': {}, 'one of two ranks': { ranks: twin } })) {
    t.test(`${steps} steps of ${what} hold no more memory than ${settled}`, async (t) => {
      const session = await start(drawWeights(1), { ...smallRequest, ...ranks });
      const batch = drawBatch(1);
      const rssMb: number[] = [];
      for (let step = 1; step <= steps; step++) {
        await session.step(batch, () => undefined);
        collect();
        if (step >= settled) rssMb.push(process.memoryUsage.rss() / 2 ** 20);
      }
      await session.dispose();
      const growth = median(rssMb.slice(-10)) - median(rssMb.slice(0, 10));
      t.ok(growth <= allowedGrowthMb, `${growth.toFixed(1)} MB more after ${steps} steps`);
      t.comment(`${rssMb[0]?.toFixed(1)} MB after ${settled} steps, ${rssMb.at(-1)?.toFixed(1)} MB after ${steps}`);
    });
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
