import { type Float32NdArray, float32NdArray } from '../../harness/contract/nd-array.js';
import type { Bundle } from '../../harness/golden/bundle.js';
import type { PortTarget } from '../../harness/hosts/resolve-port.js';
import { type PortHost, startSubprocessHost } from '../../harness/hosts/subprocess-host.js';

export type Size = readonly [height: number, width: number];

/** Something that runs one forward pass at a time in a process of its own. */
export interface Contender {
  readonly name: string;
  /** One forward. */
  run(): Promise<Pass>;
  /** One to the class scores, before they are resized to logits; absent where they are not to be had alone. */
  runToScores?(): Promise<Pass>;
  close(): Promise<unknown>;
}

export interface Pass {
  readonly ms: number;
  readonly peakRssMb: number;
}

/** A port on a bundle's weights, without probes: the graph that users run. Of the logits 16 elements come back. */
export async function startPortContender(
  name: string,
  port: PortTarget,
  bundle: Bundle,
  image: Float32NdArray = imageOf(bundle),
  device: 'cpu' | 'gpu' = 'cpu',
): Promise<Contender> {
  const { module, settings } = port;
  const host = await startSubprocessHost(name, { module, settings, device, silenceMs: 600_000 });
  try {
    const { model, parameters, weights, draws } = bundle;
    const { scores } = await host.load({ model, parameters, weights });
    const run = (probe: string) => () =>
      runOnce(host, {
        inputs: new Map([['image', image]]),
        draws,
        probes: [{ name: probe, sample: { seed: 1, count: 16 } }],
        replacements: new Map(),
      });
    const toScores = scores === undefined ? {} : { runToScores: run(scores) };
    return { name, run: run('logits'), ...toScores, close: () => host.close() };
  } catch (error) {
    await host.close();
    throw error;
  }
}

async function runOnce(host: PortHost, request: Parameters<PortHost['infer']>[0]): Promise<Pass> {
  let answered = false;
  const { durationMs, peakRssMb } = await host.infer(request, ({ nonFinite }) => {
    answered = nonFinite === 0;
  });
  if (!answered) throw new Error(`${host.name} gave no finite numbers`);
  return { ms: durationMs, peakRssMb };
}

/** Median of `rounds` forwards after one that is not counted. */
export async function measureBareForward(port: PortTarget, bundle: Bundle, rounds: number): Promise<number> {
  const contender = await startPortContender(port.name, port, bundle);
  try {
    await contender.run();
    const times: number[] = [];
    for (let round = 0; round < rounds; round++) times.push((await contender.run()).ms);
    return median(times);
  } finally {
    await contender.close();
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export function imageOf(bundle: Bundle): Float32NdArray {
  const image = bundle.inputs.get('image');
  if (image?.data instanceof Float32Array) return float32NdArray(image.shape, image.data);
  throw new Error(`${bundle.id} has no float32 image`);
}

/** An image [1, 3, height, width], the bundle's repeated to the size. */
export function tileImage(image: Float32NdArray, [height, width]: Size): Float32NdArray {
  const [, channels = 0, h = 0, w = 0] = image.shape;
  const tiled = new Float32Array(channels * height * width);
  for (let c = 0; c < channels; c++) {
    for (let y = 0; y < height; y++) {
      const row = (c * h + (y % h)) * w;
      for (let x = 0; x < width; x++) tiled[(c * height + y) * width + x] = image.data[row + (x % w)]!;
    }
  }
  return float32NdArray([1, channels, height, width], tiled);
}
