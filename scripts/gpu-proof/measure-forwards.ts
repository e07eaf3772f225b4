import { spawnSync } from 'node:child_process';
import { type Float32NdArray, float32NdArray, type NdArray } from '../../harness/contract/nd-array.js';
import type { Bundle } from '../../harness/golden/bundle.js';
import { resolveBundleFolder } from '../../harness/golden/list-shipped.js';
import { readBundle } from '../../harness/golden/read-bundle.js';
import { resolvePort } from '../../harness/hosts/resolve-port.js';
import { messageOf } from '../../harness/support/errors.js';
import { imageOf, median, type Pass, startPortContender, tileImage } from '../bench/contenders.js';
import type { ForwardTime } from './forward-time.js';
import { measureTorch } from './measure-torch.js';
import { readContent } from './read-content.js';

export interface ForwardRequest {
  readonly rehearsal: boolean;
  readonly onCard: boolean;
  /** Seconds that are left. */
  readonly leftS: () => number;
}

const rounds = 5;

/**
 * Median times of a forward. Of what comes to the port's process 16 elements go on to the process that measures.
 * onnxruntime-node brings every output to the host, so scores, of a 64th of the logits' size, are asked for by
 * themselves.
 */
export async function measureForwards(
  ports: readonly string[],
  { rehearsal, onCard, leftS }: ForwardRequest,
): Promise<ForwardTime[]> {
  const devices = rehearsal || !onCard ? (['cpu'] as const) : (['cpu', 'gpu'] as const);
  const { bundle: name, size, batches } = readContent(rehearsal).forward;
  const bundle = await readBundle(resolveBundleFolder(name));
  const image = tileImage(imageOf(bundle), size);
  const times: ForwardTime[] = [];
  for (const port of ports)
    for (const device of devices)
      for (const batch of batches) times.push(await measureOne({ port, device, batch }, bundle, image, leftS));
  for (const device of devices) times.push(...(await measureTorch(device, bundle.model, size, batches, leftS())));
  return times;
}

async function measureOne(
  { port, device, batch }: { readonly port: string; readonly device: 'cpu' | 'gpu'; readonly batch: number },
  bundle: Bundle,
  one: Float32NdArray,
  leftS: () => number,
): Promise<ForwardTime> {
  const known = { by: port, device, batch };
  const nothing = { scoresMs: null, ms: null, peakRssMb: null, cardMb: null };
  if (leftS() <= 0) return { ...known, ...nothing, failure: 'no time was left' };
  try {
    const draws = new Map([...bundle.draws].map(([name, draw]) => [name, repeat(draw, batch)]));
    const contender = await startPortContender(
      port,
      resolvePort(port),
      { ...bundle, draws },
      repeat(one, batch),
      device,
    );
    try {
      const toScores = contender.runToScores === undefined ? null : await measure(contender.runToScores);
      const toLogits = await measure(contender.run);
      return { ...known, ...toLogits, scoresMs: toScores?.ms ?? null, cardMb: readCardMemory(), failure: null };
    } finally {
      await contender.close();
    }
  } catch (error) {
    return { ...known, ...nothing, failure: messageOf(error) };
  }
}

/** The median of `rounds`, after one that is not counted. */
async function measure(run: () => Promise<Pass>): Promise<Pass> {
  await run();
  const runs: Pass[] = [];
  for (let round = 0; round < rounds; round++) runs.push(await run());
  return { ms: median(runs.map(({ ms }) => ms)), peakRssMb: Math.max(...runs.map(({ peakRssMb }) => peakRssMb)) };
}

/** [1, …] as [batch, …]. */
function repeat({ shape, data }: NdArray, batch: number): Float32NdArray {
  const [first = 1, ...rest] = shape;
  const repeated = new Float32Array(batch * data.length);
  for (let at = 0; at < batch; at++) repeated.set(data as Float32Array, at * data.length);
  return float32NdArray([first * batch, ...rest], repeated);
}

function readCardMemory(): number | null {
  const args = ['--query-gpu=memory.used', '--format=csv,noheader,nounits'];
  const { status, stdout } = spawnSync('nvidia-smi', args, { encoding: 'utf8', timeout: 20_000 });
  if (status !== 0) return null;
  const used = stdout.split('\n').filter((line) => /^\d+$/.test(line.trim()));
  return used.length === 0 ? null : used.reduce((sum, line) => sum + Number(line), 0);
}
