import { elementCount, type Float32NdArray, float32NdArray, sameShape } from '../contract/nd-array.js';
import type { Bundle, GoldenProbe } from '../golden/bundle.js';
import { samplePositions } from '../golden/seeded.js';
import type { RecordedProbe, WantedProbe } from '../hosts/messages.js';
import { isOfUser } from '../hosts/resolve-port.js';
import type { PortHost } from '../hosts/subprocess-host.js';
import { keepsNothing } from '../metrics/agreement.js';
import { measureLabelFlips } from '../metrics/label-flips.js';
import { measureTensorError, type TensorError } from '../metrics/tensor-error.js';
import type { Meaning, TriedSize, WorstPlace } from '../result/record/case-result.js';
import type { ExecutionTiming } from './execution-timing.js';
import { findIgnored, type Ignored } from './find-ignored.js';
import { type FoundProbes, findProbes } from './find-probes.js';
import type { PlannedCase } from './plan.js';
import { planParts } from './plan-parts.js';
import type { Recording, Recordings } from './recording.js';
import { measureSpreads, type Repeats } from './repeat.js';
import { trySizes } from './try-sizes.js';

/** What one port did on one bundle: figures, no verdicts. */
export interface Execution {
  /** Where the probes of a file are that does not have all of their names; null: they were asked for by name. */
  readonly found: FoundProbes | null;
  readonly plain: Recordings;
  /** Null where no probe can be replaced. */
  readonly own: Recordings | null;
  /** Replacements that the port ignores; then it is not known whose an own error is. */
  readonly ignored: Ignored;
  /** The outputs of the graph that users run, in their order; empty where none was asked for. */
  readonly shipped: readonly ShippedOutput[];
  /** Null where it was run once. */
  readonly repeats: Repeats | null;
  readonly meaning: Meaning | null;
  /** What came of the sizes that a file declares as free; empty where it declares none. */
  readonly sizes: readonly TriedSize[];
  readonly timing: ExecutionTiming;
}

export interface ShippedOutput {
  readonly golden: GoldenProbe;
  /** Null where the port gave none. */
  readonly recording: Recording | null;
  /**
   * How far it is from what the graph with probes gave, in rms over the golden's; null where they cannot be compared.
   */
  readonly agreementRelRms: number | null;
}

/**
 * Runs one case: the plain run with every probe, the graph that users run, with its outputs alone, and the run with
 * every complete probe replaced by its golden. Goldens go to the port in the last run only, so it cannot have seen what
 * it gives before; what repeats give after it is held against the first run alone. What runs a file is shown them
 * before, to find its tensors: see `findProbes`.
 */
export async function executeCase(
  host: PortHost,
  planned: PlannedCase,
  onPhase: (phase: string) => void,
  failsOnItsOwn: (golden: GoldenProbe, recording: Recording | undefined) => boolean = () => false,
  runs = 1,
): Promise<Execution> {
  const { bundle, probes } = planned;
  onPhase('load');
  const load = await host.load(bundle);
  const outputs = outputsOf(planned);
  const found = await findProbes(host, planned);
  const has = ({ name }: GoldenProbe) => found === null || found.get(name)?.tensor != null;
  const wanted = probes.filter(has);

  onPhase('plain run');
  const plain = await runProbes(host, bundle, { wanted, outputs: runs === 1 ? outputs : wanted, inParts: true });
  const again = async (against: readonly GoldenProbe[], inParts = false) =>
    (await runProbes(host, bundle, { wanted: against, inParts })).recordings;
  if (runs > 1) onPhase('repeats');
  const plainSpreads = await measureSpreads(wanted, plain.values, runs - 1, (against) => again(against, true));
  if (outputs.length > 0) onPhase('without probes');
  const shipped = outputs.length === 0 ? null : await runProbes(host, bundle, { wanted: outputs, outputs });
  const replacements = host.started.capabilities.includes('replace') ? goldensOf(bundle.probes.filter(has)) : new Map();
  if (replacements.size > 0) onPhase('own errors');
  const own = replacements.size === 0 ? null : await runProbes(host, bundle, { wanted, replacements, inParts: true });
  const ignored =
    own === null || !isOfUser(planned.port)
      ? []
      : await findIgnored({
          ...{ wanted, replacements, plain: plain.recordings, own: own.recordings },
          faulty: wanted.find((golden) => failsOnItsOwn(golden, own.recordings.get(golden.name)))?.name ?? null,
          run: async (others) =>
            (await runProbes(host, bundle, { wanted, replacements: others, inParts: true })).recordings,
        });
  const sizes = await trySizes(host, planned, outputs);
  // The process may have ended at another size, after all that is judged.
  const { peakRssMb } = host.alive ? await host.dispose() : load;
  if (runs > 1) onPhase('repeats without probes');
  const shippedSpreads = await measureSpreads(outputs, shipped?.values ?? new Map(), runs - 1, async (against) => {
    await host.load(bundle);
    if (found !== null) await findProbes(host, planned);
    const recordings = against.length === 0 ? new Map() : await again(against);
    await host.dispose();
    return recordings;
  });

  return {
    found,
    plain: plain.recordings,
    own: own?.recordings ?? null,
    ignored,
    shipped: shipped === null ? [] : outputs.map((golden) => measureShipped(golden, shipped, plain)),
    repeats: runs === 1 ? null : { runs, plain: plainSpreads, shipped: shippedSpreads },
    meaning: measureMeaning(outputs, shipped, plain),
    sizes,
    timing: { ...timingOf(load.durationMs, { plain, shipped, own }), peakRssMb },
  };
}

/** The outputs that are asked for and can be compared, in their order. */
export function outputsOf({ bundle, probes }: PlannedCase): GoldenProbe[] {
  return bundle.outputs
    .flatMap((name) => probes.find((probe) => probe.name === name) ?? [])
    .filter((probe) => !keepsNothing(probe));
}

interface RunRequest {
  readonly wanted: readonly GoldenProbe[];
  /** Those of them whose values are kept; absent: none. */
  readonly outputs?: readonly GoldenProbe[];
  readonly replacements?: ReadonlyMap<string, Float32NdArray>;
  /** Whether it may come in parts. The graph that users run is one. */
  readonly inParts?: boolean;
}

interface Run {
  readonly recordings: Recordings;
  /** Outputs that have their golden's shape: with another, no two values can be compared. */
  readonly values: ReadonlyMap<string, Float32Array>;
  readonly buildMs: number;
  readonly durationMs: number;
  /** In which what came was measured. */
  readonly judgeMs: number;
}

/** One forward, measured as its probes come. */
export async function runProbes(
  host: PortHost,
  { inputs, draws, outputs: declared }: Bundle,
  { wanted, outputs = [], replacements = new Map(), inParts = false }: RunRequest,
): Promise<Run> {
  // Of a file that has none of what was asked for there is nothing to run.
  if (wanted.length === 0) return { recordings: new Map(), values: new Map(), buildMs: 0, durationMs: 0, judgeMs: 0 };
  const byName = new Map(wanted.map((probe) => [probe.name, probe]));
  const recordings = new Map<string, Recording>();
  const values = new Map<string, Float32Array>();
  let judgeMs = 0;
  const record = (recorded: RecordedProbe) => {
    const startedAt = performance.now();
    const golden = byName.get(recorded.name);
    if (golden !== undefined) recordings.set(golden.name, measureRecording(recorded, golden));
    if (golden !== undefined && outputs.includes(golden) && isComparable(recorded, golden))
      values.set(golden.name, recorded.value);
    judgeMs += performance.now() - startedAt;
  };
  const names = [...replacements.keys()];
  const parts = inParts ? await planParts(host, wanted, names, declared) : [{ probes: wanted, replaced: names }];
  let [buildMs, durationMs] = [0, 0];
  for (const { probes, replaced } of parts) {
    const given = new Map(replaced.map((name) => [name, replacements.get(name)!]));
    const request = { inputs, draws, probes: probes.map(asWanted), replacements: given };
    const ran = await host.infer(parts.length === 1 ? request : { ...request, isPart: true }, record);
    buildMs += ran.buildMs;
    durationMs += ran.durationMs;
  }
  return { recordings, values, buildMs, durationMs, judgeMs };
}

function measureShipped(golden: GoldenProbe, shipped: Run, plain: Run): ShippedOutput {
  const { name, rms, valid } = golden;
  const [alone, probed] = [shipped.values.get(name), plain.values.get(name)];
  const comparable = alone !== undefined && probed !== undefined;
  return {
    golden,
    recording: shipped.recordings.get(name) ?? null,
    agreementRelRms: comparable ? measureTensorError(alone, probed, rms, valid?.kept).relRms : null,
  };
}

/** Of the logits of the graph that users run, else of the plain run. */
function measureMeaning(outputs: readonly GoldenProbe[], shipped: Run | null, plain: Run): Meaning | null {
  const golden = outputs.find(({ name }) => name === logitsName);
  const actual = shipped?.values.get(logitsName) ?? plain.values.get(logitsName);
  if (golden === undefined || golden.sample !== null || golden.valid !== null || actual === undefined) return null;
  return measureLabelFlips(actual, golden.value, golden.shape);
}

/** The model's full-resolution output (CONTRACT, section 1): its argmax is the label map. */
const logitsName = 'logits';

function timingOf(loadMs: number, runs: { plain: Run; shipped: Run | null; own: Run | null }) {
  const made = Object.values(runs).filter((run) => run !== null);
  const total = (key: 'buildMs' | 'judgeMs') => made.reduce((sum, run) => sum + run[key], 0);
  return {
    loadMs: loadMs + total('buildMs'),
    plainMs: runs.plain.durationMs,
    ownMs: runs.own?.durationMs ?? null,
    shippedMs: runs.shipped?.durationMs ?? null,
    judgeMs: total('judgeMs'),
  };
}

function isComparable({ shape, value }: RecordedProbe, golden: GoldenProbe): boolean {
  return sameShape(shape, golden.shape) && value.length === golden.value.length;
}

export function asWanted({ name, sample, valid }: GoldenProbe): WantedProbe {
  return { name, sample, ...(valid !== null && { mask: valid.mask }) };
}

function goldensOf(probes: readonly GoldenProbe[]): ReadonlyMap<string, Float32NdArray> {
  const complete = probes.filter((probe) => probe.sample === null);
  return new Map(complete.map(({ name, shape, value }) => [name, float32NdArray(shape, value)]));
}

export function measureRecording(recorded: RecordedProbe, golden: GoldenProbe): Recording {
  const { shape, value, nonFinite } = recorded;
  const { rms, valid } = golden;
  const error = isComparable(recorded, golden) ? measureTensorError(value, golden.value, rms, valid?.kept) : null;
  return { shape, nonFinite, error, worst: error === null ? null : worstPlace(error, golden) };
}

function worstPlace({ worst }: TensorError, golden: GoldenProbe): WorstPlace | null {
  if (worst === null) return null;
  const { actual, expected } = worst;
  const index = unravel(flatPosition(worst.index, golden), golden.shape);
  return { index, actual: Number.isFinite(actual) ? actual : null, expected };
}

/** Of a compared element, its place in the whole tensor. */
function flatPosition(at: number, { name, shape, sample }: GoldenProbe): number {
  if (sample === null) return at;
  return samplePositions(sample.seed, sample.drawnFor ?? name, sample.count, elementCount(shape))[at]!;
}

function unravel(flat: number, shape: readonly number[]): number[] {
  const index: number[] = [];
  let rest = flat;
  for (const extent of [...shape].reverse()) {
    index.unshift(rest % extent);
    rest = Math.floor(rest / extent);
  }
  return index;
}
