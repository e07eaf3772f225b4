import type { GoldenProbe, Noise } from './bundle.js';
import type { CaseNoise, CaseProbe } from './case-file.js';

/** Noise by precision, as the schema has let it pass; null where the probe says none. */
export function parseNoiseAt(noiseAt: CaseProbe['noise_at']): GoldenProbe['noiseAt'] | null {
  return noiseAt === undefined ? null : new Map(entriesOf(noiseAt).map(([at, noises]) => [at, parseNoises(noises)]));
}

export function parseNoises({
  noise,
  own_noise: own,
}: {
  readonly noise: CaseNoise;
  readonly own_noise?: CaseNoise | undefined;
}) {
  return { noise: noiseOf(noise), ownNoise: own === undefined ? null : noiseOf(own) };
}

/** With the type of the keys, which the schema has closed. */
export function entriesOf<K extends string, V>(record: Readonly<Partial<Record<K, V>>>): [K, V][] {
  return Object.entries(record) as [K, V][];
}

function noiseOf(noise: CaseNoise): Noise {
  return { relRms: noise.rel_rms, maxOverRms: noise.max_over_rms };
}
