import { Worker } from 'node:worker_threads';
import t from 'tap';
import type { Float32NdArray } from '../harness/contract/nd-array.js';
import type { StepReport } from '../harness/contract/port.js';
import { isBuffer } from '../harness/golden/seeded.js';
import type { RankOrder, RankResult } from './rank-for-tests.js';
import { smallRequest } from './small-training-for-tests.js';

/**
 * CONTRACT section 3: how many times its noise each may be apart. The noise is the largest over runs that are equal in
 * exact arithmetic, the batch in different orders (section 1), here of this port itself.
 */
const multiples = { gradients: 8, statistics: 8, parameters: 16 };
/** The least that counts as noise. */
const leastNoise = 2 ** -24;
const orders = [
  [0, 1, 2, 3],
  [3, 2, 1, 0],
  [1, 3, 0, 2],
  [2, 0, 3, 1],
  [3, 0, 1, 2],
] as const;

/**
 * That ranks of a port train together: as one process that has all of the batch, and up to the step that one of them
 * cannot make.
 * @param module the address of a RankModule
 * @param all whether the slow ones run, too
 */
export function testRanks(module: string, all: boolean): void {
  const seed = Math.floor(Math.random() * 2 ** 32);
  t.comment(`seed ${seed}`);
  t.setTimeout(300_000);
  const order = { module, seed, steps: 2, images: orders[0], brokenRank: null };

  if (!all) t.comment('not run: the same with AdamW; npm run test:all runs it');
  for (const type of all ? ['SGD', 'AdamW'] : ['SGD']) {
    const request = { ...smallRequest, optimizer: { type } };
    t.test(`two ranks of two images train as one rank of four, with ${type}`, async (t) => {
      const alone: RankResult[] = [];
      for (const images of orders) alone.push(...(await runRanks(1, { ...order, request, images })));
      const [first, second] = (await runRanks(2, { ...order, request })) as [RankResult, RankResult];
      t.same(second.values, first.values, 'the ranks hold the same bits');
      for (const [step, { loss, learningRate }] of alone[0]!.reports.entries()) {
        const mean = (first.reports[step]!.loss + second.reports[step]!.loss) / 2;
        const noise = Math.max(...alone.map(({ reports }) => Math.abs(reports[step]!.loss - loss)));
        t.ok(Math.abs(mean - loss) <= 8 * Math.max(noise, 2 ** -22 * loss), `loss of step ${step}: ${mean}, ${loss}`);
        t.equal(first.reports[step]!.learningRate, learningRate);
      }
      for (const [kind, multiple] of Object.entries(multiples)) {
        const worst = worstRatio(kind as keyof typeof multiples, first, alone);
        t.ok(worst.ratio <= multiple, `${kind}: ${worst.ratio} times the noise at ${worst.name}`);
      }
    });
  }

  t.test('one rank whose image has Inf stops both, at the same layer', async (t) => {
    const both = await runRanks(2, { ...order, request: smallRequest, steps: 1, brokenRank: 1 });
    const expected: StepReport['nonFinite'] = { what: 'loss', layer: 'backbone.patch_embed1.proj.0' };
    for (const { reports } of both) t.strictSame(reports[0]!.nonFinite, expected);
    const [first, second] = both as [RankResult, RankResult];
    t.same(second.values, first.values);
  });
}

/** Runs ranks that train together, each in a thread of its own. */
async function runRanks(size: number, order: Omit<RankOrder, 'rank' | 'size' | 'shared'>): Promise<RankResult[]> {
  const shared = new SharedArrayBuffer(2 ** 20);
  const workers = Array.from({ length: size }, (_, rank) => {
    const workerData: RankOrder = { ...order, rank, size, shared };
    return new Worker(new URL('./rank-for-tests.js', import.meta.url), { workerData });
  });
  try {
    return await Promise.all(workers.map(resultOf));
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

function resultOf(worker: Worker): Promise<RankResult> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`a rank ended with ${code}`)));
  });
}

/** Of all tensors of a kind: how far two ranks are from one, in multiples of the noise of one. */
function worstRatio(kind: keyof typeof multiples, actual: RankResult, alone: readonly RankResult[]) {
  const arrays = (result: RankResult) => (kind === 'gradients' ? result.gradients : result.values);
  const names = [...arrays(actual).keys()].filter(
    (name) => !uninformative.test(name) && (kind === 'gradients' || isBuffer(name) === (kind === 'statistics')),
  );
  const ratios = names.map((name) => {
    const [golden, ...others] = alone.map((result) => arrays(result).get(name)!);
    const noise = Math.max(leastNoise, ...others.map((other) => relativeRms(other, golden!)));
    return { name, ratio: relativeRms(arrays(actual).get(name)!, golden!) / noise };
  });
  // NaN is worse than any.
  return ratios.reduce((worst, found) => (Number.isNaN(worst.ratio) || found.ratio <= worst.ratio ? worst : found));
}

/** A convolution's bias that a batch norm follows: its gradient is 0 but for rounding, and so is what it moves. */
const uninformative = /patch_embed\d\.proj(\.\d)?\.bias$|patch_embed\d\.(proj\.[14]|norm)\._mean$/;

function relativeRms({ data }: Float32NdArray, { data: expected }: Float32NdArray): number {
  let [error, size] = [0, 0];
  for (const [at, value] of expected.entries()) {
    error += (data[at]! - value) ** 2;
    size += value ** 2;
  }
  return Math.sqrt(error / size);
}
