import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import t from 'tap';
import { findModel } from '../../../models/registry.js';
import { drawBatch, drawWeights, smallRequest, smallSection } from '../../../training/small-training-for-tests.js';
import { findTfjsAddon } from '../addon.js';
import { loadTensorFlow } from '../load-tensorflow.js';
import { startTraining } from './start-training.js';

const all = process.env.TIPCHECK_TEST_ALL === '1';
const steps = all ? 200 : 40;
const settled = 10;
/** A leak of 50 KB a step, one of the small network's feature maps, would be 9 MB in 200 steps. */
const allowedGrowthMb = 8;

if (findTfjsAddon('cpu') === null) {
  t.comment('not run: the addon of tfjs-node-gpu is not prepared; npx tipcheck prepare --port tfjs');
} else {
  if (!all) t.comment('not run: 200 steps; npm run test:all runs them');
  t.setTimeout(600_000);
  t.test(`${steps} steps hold as many tensors as ${settled}, in as much memory`, async (t) => {
    const { tf } = await loadTensorFlow({ device: 'cpu', threads: 1 });
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const session = await startTraining(tf, smallSection, drawWeights(1), smallRequest, { findModel });
    const batch = drawBatch(1);
    const rssMb: number[] = [];
    const tensors = new Set<number>();
    for (let step = 1; step <= steps; step++) {
      await session.step(batch, () => undefined);
      collect();
      if (step < settled) continue;
      rssMb.push(process.memoryUsage().rss / 2 ** 20);
      tensors.add(tf.memory().numTensors);
    }
    await session.dispose();
    t.equal(tensors.size, 1, `tensors: ${[...tensors].join(', ')}`);
    const growth = median(rssMb.slice(-10)) - median(rssMb.slice(0, 10));
    t.ok(growth <= allowedGrowthMb, `${growth.toFixed(1)} MB more after ${steps} steps`);
    t.comment(`${rssMb[0]?.toFixed(1)} MB after ${settled} steps, ${rssMb.at(-1)?.toFixed(1)} MB after ${steps}`);
  });
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
