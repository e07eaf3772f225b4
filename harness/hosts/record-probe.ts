import { elementCount, type Float32NdArray } from '../contract/nd-array.js';
import { samplePositions } from '../golden/seeded.js';
import { countsIn } from '../golden/valid-mask.js';
import type { HostReply, WantedProbe } from './messages.js';

/** What is sent of a probe: all elements or the sampled ones, and how many of the whole are not finite. */
export function recordProbe(
  probe: WantedProbe,
  { shape, data }: Float32NdArray,
): Extract<HostReply, { kind: 'probe' }> {
  const size = elementCount(shape);
  const whole = data.length === size ? data : data.subarray(0, size);
  const counts = probe.mask === undefined ? () => true : countsIn(probe.mask, shape);
  return {
    ...{ kind: 'probe', name: probe.name, shape },
    ...{ value: select(probe, whole), nonFinite: countNonFinite(whole, counts) },
  };
}

function select({ name, sample }: WantedProbe, whole: Float32Array): Float32Array {
  if (sample === null) return whole;
  return Float32Array.from(
    samplePositions(sample.seed, sample.drawnFor ?? name, sample.count, whole.length),
    (at) => whole[at]!,
  );
}

function countNonFinite(values: Float32Array, counts: (at: number) => boolean): number {
  let count = 0;
  for (let i = 0; i < values.length; i++) if (!(Math.abs(values[i]!) <= Number.MAX_VALUE) && counts(i)) count++;
  return count;
}
