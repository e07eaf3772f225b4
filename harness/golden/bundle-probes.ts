import { cannot } from '../support/errors.js';
import type { GoldenProbe, Noise } from './bundle.js';
import { type BundleFiles, caseOf } from './bundle-files.js';
import type { CaseFile, CaseNoise, CaseProbe } from './case-file.js';
import { validateProbeNames } from './probe-names.js';

/** Probes of a forward pass with their golden values, in file order. Throws a UserError. */
export function parseForwardProbes(
  folder: string,
  files: BundleFiles,
  { format, probes = [] }: CaseFile,
): readonly GoldenProbe[] {
  const parsed = parseProbes(folder, files, probes, 'probes');
  validateProbeNames(folder, format, probes);
  return parsed;
}

/** The same of a list at `field`, whose names are what they like but different. */
export function parseProbes(
  folder: string,
  files: BundleFiles,
  probes: readonly CaseProbe[],
  field: string,
): readonly GoldenProbe[] {
  const seen = new Map<string, number>();
  return probes.map((probe, at) => {
    const before = seen.get(probe.name);
    if (before !== undefined) {
      throw cannot(
        'read',
        caseOf(folder),
        `${field}[${at}].name is ${probe.name}, as is ${field}[${before}].name`,
        'each name once is wanted',
      );
    }
    seen.set(probe.name, at);
    return parseProbe(folder, files, probe, `${field}[${at}]`);
  });
}

function parseProbe(folder: string, files: BundleFiles, probe: CaseProbe, field: string): GoldenProbe {
  const { name, shape, sample } = probe;
  const at = `${field}.value, probe ${name}`;
  const array = files.array(probe.value, at, { dtypes: ['f4'], shape: sample === undefined ? shape : [sample.count] });
  const value = array.data as Float32Array;
  const rms = probe.rms ?? rmsOf(value);
  if (sample === undefined) validateRms(folder, `${field}.rms`, rms, value);
  return {
    name,
    shape,
    raw: probe.layout === 'raw',
    value,
    sample: sample ?? null,
    rms,
    noise: noiseOf(probe.noise),
    ownNoise: probe.own_noise === undefined ? null : noiseOf(probe.own_noise),
    informative: probe.informative ?? true,
  };
}

function noiseOf(noise: CaseNoise): Noise {
  return { relRms: noise.rel_rms, maxOverRms: noise.max_over_rms };
}

/** Goldens are float32, so that a float64 rms differs in the eighth digit; a thousandth is a mistake. */
const rmsTolerance = 1e-3;

/** Every limit is a multiple of rms: one that is not the golden's would let anything pass. */
function validateRms(folder: string, field: string, rms: number, value: Float32Array): void {
  const actual = rmsOf(value);
  if (Math.abs(rms - actual) <= rmsTolerance * actual) return;
  throw cannot('read', caseOf(folder), `${field} is ${rms}`, `${actual}, the rms of the value itself, is wanted`);
}

function rmsOf(value: Float32Array): number {
  let sum = 0;
  for (const element of value) sum += element * element;
  return Math.sqrt(sum / value.length);
}
