import { elementCount } from '../contract/nd-array.js';
import type { FoundProbe, SoughtGolden } from '../contract/port.js';
import type { GoldenProbe, Noise } from '../golden/bundle.js';
import { samplePositions } from '../golden/seeded.js';
import { isOfUser, type PortTarget } from '../hosts/resolve-port.js';
import type { PortHost } from '../hosts/subprocess-host.js';
import { kindNamed } from '../kinds/index.js';
import { effectiveNoise } from '../metrics/agreement.js';
import type { Measurement } from '../result/record/case-result.js';
import { renderCount } from '../support/render-count.js';
import type { PlannedCase } from './plan.js';

export type FoundProbes = ReadonlyMap<string, FoundProbe>;

/**
 * Has the tensors of probes found by their goldens, in a file that does not have all of their names.
 * @returns null where all that were asked for have one, and where the port is not of a file
 */
export async function findProbes(host: PortHost, { port, bundle, probes }: PlannedCase): Promise<FoundProbes | null> {
  // A module or a program of the user's could give back the goldens that it was shown.
  if (!isOfFile(port)) return null;
  const lacking = await host.lacks(probes.map(({ name }) => name));
  if (lacking.length === 0) return null;
  const { inputs, draws } = bundle;
  const found = await host.find({ inputs, draws, goldens: bundle.probes.map(soughtOf) });
  return new Map(found.map((one) => [one.name, one]));
}

/** Whether a port of ours runs a file of the user's. */
export function isOfFile(port: PortTarget): boolean {
  return port.about?.kind === 'adapter' && !isOfUser(port);
}

const forward = kindNamed('forward');

function soughtOf(golden: GoldenProbe): SoughtGolden {
  const { name, shape, raw, value, sample, valid, rms } = golden;
  const size = elementCount(shape);
  const maxAbsExpected = value.reduce((most, one) => Math.max(most, Math.abs(one)), 0);
  const noise = effectiveNoise(golden.noise, { rms, maxAbsExpected });
  const limitOf = (figure: string) => forward.limits.find((one) => one.figure === figure)!.limit!;
  return {
    ...{ name, shape, raw, value, rms },
    positions:
      sample === null
        ? null
        : Uint32Array.from(samplePositions(sample.seed, sample.drawnFor ?? name, sample.count, size)),
    kept: valid?.kept ?? null,
    limits: { relRms: limitOf('rms') * noise.relRms, maxOverRms: limitOf('largest') * noise.maxOverRms },
  };
}

/** A file of which less is compared is not judged layer by layer. */
const leastCompared = 0.8;

/** Why a file whose tensors had to be found does not pass with these; null where it may. */
export function findTooFew(measurements: readonly Measurement[]): string | null {
  if (!measurements.some((one) => one.found !== undefined)) return null;
  const compared = measurements.filter((one) => one.compared > 0).length;
  if (compared >= leastCompared * measurements.length) return null;
  return `only ${compared} of ${renderCount(measurements.length, 'probe')} were found in the file and compared; ${leastCompared * 100} % are wanted. Fix: an export without optimisation; or --only logits, which judges the output alone`;
}

/**
 * Own noise as it counts in a file whose tensors were found.
 * - Probes that are one tensor have the own noise of the first: the others do nothing in the reference, and the file's
 *   tensor holds the work of all.
 * - Over probes that were fused into the next, own noise adds up, each as it grows until there.
 * @returns null for a probe whose own error nothing can be said of: one before it is lost, or has no own noise
 */
export function ownNoiseOf(probes: readonly GoldenProbe[], found: FoundProbes): ReadonlyMap<string, Noise | null> {
  const noises = new Map<string, Noise | null>();
  const ofTensor = new Map<string, Noise | null>();
  /** Those without a tensor since the last that has one. Null: one of them is lost. */
  let fused: GoldenProbe[] | null = [];
  for (const probe of probes) {
    const place = found.get(probe.name);
    if (place === undefined || place.tensor === null) {
      fused = fused === null || place?.tensor !== null || place.lacking === 'lost' ? null : [...fused, probe];
      continue;
    }
    const first = ofTensor.get(place.tensor);
    const noise = first === undefined ? stretchNoise(fused, probe) : first;
    noises.set(probe.name, noise);
    if (first !== undefined) continue;
    ofTensor.set(place.tensor, noise);
    fused = [];
  }
  return noises;
}

function stretchNoise(fused: readonly GoldenProbe[] | null, probe: GoldenProbe): Noise | null {
  if (fused === null) return null;
  const parts = [...fused, probe];
  if (parts.some(({ ownNoise }) => ownNoise === null)) return null;
  const total = (key: keyof Noise) =>
    Math.hypot(
      ...parts.map(({ noise, ownNoise }) => {
        const growth = noise[key] > 0 ? probe.noise[key] / noise[key] : 1;
        return ownNoise![key] * Math.max(1, growth);
      }),
    );
  return { relRms: total('relRms'), maxOverRms: total('maxOverRms') };
}
