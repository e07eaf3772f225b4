import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as rest } from 'node:timers/promises';
import type { TrainingSession } from '../../harness/contract/port.js';
import { resolveBundleFolder } from '../../harness/golden/list-shipped.js';
import { readBundle } from '../../harness/golden/read-bundle.js';
import { joinRanks } from '../../pipeline/ranks/join-ranks.js';
import { openPort } from '../../pipeline/tools/open-port.js';
import { initialWeights } from '../../pipeline/train/initial-weights.js';
import { drawBatch, requestOf } from './training.js';

/** Steps of one round that are timed, after one that is not. */
const stepsPerRound = 4;

/**
 * What `mpirun` runs for bench/ranks.ts, with one thread on each rank: in each round the first rank trains alone while
 * the others sleep, and then all train together. The first writes a line of JSON for each round.
 */
const [portName = '', rounds = '', folder = ''] = process.argv.slice(2);
const ranks = await joinRanks(0);
const bundle = await readBundle(resolveBundleFolder('segnext-t-train'));
const port = await openPort(portName, 'cpu', process.env, 1);
const loaded = await port.load(bundle.model, await initialWeights(bundle.model, 1));
const request = requestOf(bundle.train!);
const batch = { ...(await drawBatch(bundle.model, [256, 256])), gradients: [] };
const together = await loaded.train!({ ...request, ranks });
const alone = ranks.rank === 0 ? await loaded.train!(request) : null;
for (let round = 0; round < Number(rounds); round++) {
  const turn = join(folder, `together-${round}`);
  let aloneMs = 0;
  if (alone !== null) {
    aloneMs = await measureStep(alone);
    writeFileSync(turn, '');
  } else while (!existsSync(turn)) await rest(20);
  const togetherMs = await measureStep(together);
  if (alone !== null) process.stdout.write(`${JSON.stringify({ aloneMs, togetherMs })}\n`);
}
await alone?.dispose();
await together.dispose();
await loaded.dispose();
await port.close();
ranks.close();

/** The mean of a round. */
async function measureStep(session: TrainingSession): Promise<number> {
  await session.step(batch, () => undefined);
  const startedAt = performance.now();
  for (let step = 0; step < stepsPerRound; step++) await session.step(batch, () => undefined);
  return (performance.now() - startedAt) / stepsPerRound;
}
