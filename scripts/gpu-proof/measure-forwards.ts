import { spawnSync } from 'node:child_process';
import { type Float32NdArray, float32NdArray, type NdArray } from '../../harness/contract/nd-array.js';
import { resolveBundleFolder } from '../../harness/golden/list-shipped.js';
import { readBundle } from '../../harness/golden/read-bundle.js';
import { resolvePort } from '../../harness/hosts/resolve-port.js';
import { messageOf } from '../../harness/support/errors.js';
import { imageOf, median, startPortContender, tileImage } from '../bench/contenders.js';
import { type ProofContent, readContent } from './read-content.js';

/** Of one network, as users run it. */
export interface ForwardTime {
  readonly port: string;
  readonly device: 'cpu' | 'gpu';
  readonly batch: number;
  readonly ms: number | null;
  readonly peakRssMb: number | null;
  /** Of all cards, as nvidia-smi says it, with what others use; null where it is not there. */
  readonly cardMb: number | null;
  /** Why there is no time; null where there is one. */
  readonly failure: string | null;
}

const rounds = 5;

/**
 * Median times of a forward. Logits come back to the processor, as onnxruntime-node brings every output; of them 16
 * elements go on to the process that measures.
 */
export async function measureForwards(
  ports: readonly string[],
  { rehearsal, onCard }: { readonly rehearsal: boolean; readonly onCard: boolean },
): Promise<ForwardTime[]> {
  const devices = rehearsal || !onCard ? (['cpu'] as const) : (['cpu', 'gpu'] as const);
  const { forward } = readContent(rehearsal);
  const times: ForwardTime[] = [];
  for (const port of ports)
    for (const device of devices)
      for (const batch of forward.batches) times.push(await measureOne(port, device, batch, forward));
  return times;
}

async function measureOne(
  port: string,
  device: 'cpu' | 'gpu',
  batch: number,
  { bundle: name, size }: ProofContent['forward'],
): Promise<ForwardTime> {
  const known = { port, device, batch };
  try {
    const bundle = await readBundle(resolveBundleFolder(name));
    const one = tileImage(imageOf(bundle), size);
    const image = repeat(one, batch);
    const draws = new Map([...bundle.draws].map(([name, draw]) => [name, repeat(draw, batch)]));
    const contender = await startPortContender(port, resolvePort(port), { ...bundle, draws }, image, device);
    try {
      await contender.run();
      const runs = [];
      for (let round = 0; round < rounds; round++) runs.push(await contender.run());
      const peakRssMb = Math.max(...runs.map((run) => run.peakRssMb));
      return { ...known, ms: median(runs.map(({ ms }) => ms)), peakRssMb, cardMb: readCardMemory(), failure: null };
    } finally {
      await contender.close();
    }
  } catch (error) {
    return { ...known, ms: null, peakRssMb: null, cardMb: null, failure: messageOf(error) };
  }
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
