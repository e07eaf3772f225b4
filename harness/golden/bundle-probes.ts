import { cannot } from '../support/errors.js';
import type { GoldenProbe, ValidMask } from './bundle.js';
import { type BundleFiles, caseOf } from './bundle-files.js';
import type { CaseFile, CaseProbe } from './case-file.js';
import { parseNoiseAt, parseNoises } from './noise-at.js';
import { validateProbeNames } from './probe-names.js';
import { findSame, type Golden, shareGolden } from './same-as.js';
import { parseValid, rmsOfKept } from './valid-mask.js';

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
  const parsed: GoldenProbe[] = [];
  for (const [at, probe] of probes.entries()) {
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
    const first = findSame(folder, probes, at, field);
    parsed.push(parseProbe(folder, files, probe, `${field}[${at}]`, first === null ? null : parsed[first]!));
  }
  return parsed;
}

/** @param first the probe whose golden it has; null: its own */
function parseProbe(
  folder: string,
  files: BundleFiles,
  probe: CaseProbe,
  field: string,
  first: GoldenProbe | null,
): GoldenProbe {
  const { name, shape } = probe;
  const golden = first === null ? parseGolden(files, probe, field) : shareGolden(folder, files, probe, field, first);
  const { value, sample } = golden;
  const valid = probe.valid === undefined ? null : parseValid(folder, files, probe, field, sample);
  const actual = sample === null ? rmsOfKept(value, valid?.kept) : rmsOfFirst(first, valid);
  const rms = probe.rms ?? actual;
  if (rms === null) {
    const is = `${field}.rms is missing, and its valid is not that of ${first!.name}`;
    throw cannot('read', caseOf(folder), is, 'the rms of what counts is wanted');
  }
  if (actual !== null) validateRms(folder, `${field}.rms`, rms, actual);
  const { informative = true } = probe;
  const noiseAt = parseNoiseAt(probe.noise_at) ?? first?.noiseAt ?? new Map();
  return { name, shape, raw: probe.layout === 'raw', ...golden, valid, rms, noiseAt, informative };
}

/** A sample has the noise of `first`, in shares of its rms, which is then its own; null where another mask counts. */
function rmsOfFirst(first: GoldenProbe | null, valid: ValidMask | null): number | null {
  return first !== null && first.valid?.mask === valid?.mask ? first.rms : null;
}

/** A golden of its own: the schema has seen that value and noise are there. */
function parseGolden(files: BundleFiles, probe: CaseProbe, field: string): Golden {
  const { name, shape, sample = null } = probe;
  const at = `${field}.value, probe ${name}`;
  const array = files.array(probe.value!, at, { dtypes: ['f4'], shape: sample === null ? shape : [sample.count] });
  return {
    value: array.data as Float32Array,
    sample,
    ...parseNoises({ noise: probe.noise!, own_noise: probe.own_noise }),
  };
}

/** Goldens are float32, so that a float64 rms differs in the eighth digit; a thousandth is a mistake. */
const rmsTolerance = 1e-3;

/** Every limit is a multiple of rms: one that is not the golden's would let anything pass. */
function validateRms(folder: string, field: string, rms: number, actual: number): void {
  if (Math.abs(rms - actual) <= rmsTolerance * actual) return;
  throw cannot('read', caseOf(folder), `${field} is ${rms}`, `${actual}, the rms of the value itself, is wanted`);
}
