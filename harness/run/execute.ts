import { elementCount, type Float32NdArray, float32NdArray, sameShape } from '../contract/nd-array.js';
import type { Bundle, GoldenProbe } from '../golden/bundle.js';
import { samplePositions } from '../golden/seeded.js';
import type { WantedProbe } from '../hosts/messages.js';
import type { PortHost, RecordedProbe } from '../hosts/subprocess-host.js';
import { measureLabelFlips } from '../metrics/label-flips.js';
import { measureTensorError, type TensorError } from '../metrics/tensor-error.js';
import type { Meaning, WorstPlace } from '../result/result.js';
import { EnvironmentError } from '../support/errors.js';
import type { ExecutionTiming } from './execution-timing.js';
import type { PlannedCase } from './plan.js';

/** What one port did on one bundle: figures, no verdicts. */
export interface Execution {
  readonly plain: Recordings;
  /** Null where no probe can be replaced. */
  readonly own: Recordings | null;
  /** The logits of the graph that users run; null where the bundle has no `logits` or it was not asked for. */
  readonly shipped: { readonly logits: Recording | null; readonly agreementRelRms: number | null } | null;
  readonly meaning: Meaning | null;
  readonly timing: ExecutionTiming;
}

export type Recordings = ReadonlyMap<string, Recording>;

/** A probe as the port gave it, measured against its golden. */
export interface Recording {
  readonly shape: readonly number[];
  /** NaN and Inf in the whole tensor. */
  readonly nonFinite: number;
  /** Null where the shape is wrong. */
  readonly error: TensorError | null;
  readonly worst: WorstPlace | null;
}

/** The model's full-resolution output (CONTRACT, section 1). */
const logitsName = 'logits';

/**
 * Runs one case: the plain run with every probe, the graph that users run, with `logits` alone, and the run with every
 * complete probe replaced by its golden. Goldens go to the port in the last run only, so it cannot have seen what it
 * gives before.
 */
export async function executeCase(
  host: PortHost,
  planned: PlannedCase,
  onPhase: (phase: string) => void,
): Promise<Execution> {
  const { bundle, probes } = planned;
  validatePhase(host, bundle);
  const { model, parameters, weights } = bundle;
  onPhase('load');
  const load = await host.load({ model, parameters, weights });
  const clock = { judgeMs: 0 };
  const none = new Map<string, Float32NdArray>();

  const run = async (
    wanted: readonly GoldenProbe[],
    replacements: ReadonlyMap<string, Float32NdArray>,
    onValue?: (recorded: RecordedProbe) => void,
  ) => {
    const recordings = new Map<string, Recording>();
    const byName = new Map(wanted.map((probe) => [probe.name, probe]));
    const { inputs, draws } = bundle;
    const finished = await host.infer({ inputs, draws, probes: wanted.map(asWanted), replacements }, (recorded) => {
      const started = performance.now();
      const golden = byName.get(recorded.name);
      if (golden !== undefined) recordings.set(recorded.name, measureRecording(recorded, golden));
      onValue?.(recorded);
      clock.judgeMs += performance.now() - started;
    });
    return { recordings, finished };
  };

  onPhase('plain run');
  const logits: { golden: GoldenProbe | null; probed: Float32Array | null; shipped: Float32Array | null } = {
    golden: probes.find((probe) => probe.name === logitsName) ?? null,
    probed: null,
    shipped: null,
  };
  const plain = await run(probes, none, (recorded) => {
    if (recorded.name === logitsName) logits.probed = comparableValue(recorded, logits.golden);
  });

  if (logits.golden !== null) onPhase('without probes');
  const shipped =
    logits.golden === null
      ? null
      : await run([logits.golden], none, (recorded) => {
          logits.shipped = comparableValue(recorded, logits.golden);
        });

  const replacements = host.started.capabilities.includes('replace') ? goldensOf(bundle) : none;
  if (replacements.size > 0) onPhase('own errors');
  const own = replacements.size > 0 ? await run(probes, replacements) : null;
  const disposed = await host.dispose();

  return {
    plain: plain.recordings,
    own: own === null ? null : own.recordings,
    shipped:
      shipped === null
        ? null
        : {
            logits: shipped.recordings.get(logitsName) ?? null,
            agreementRelRms: measureAgreement(logits.shipped, logits.probed, logits.golden),
          },
    meaning: measureMeaning(logits.shipped ?? logits.probed, logits.golden),
    timing: {
      loadMs: [plain, own, shipped].reduce((sum, run) => sum + (run?.finished.buildMs ?? 0), load.durationMs),
      plainMs: plain.finished.durationMs,
      ownMs: own === null ? null : own.finished.durationMs,
      shippedMs: shipped === null ? null : shipped.finished.durationMs,
      judgeMs: clock.judgeMs,
      peakRssMb: disposed.peakRssMb,
    },
  };
}

/** With another shape, no pixel can be said to have changed. */
function comparableValue({ shape, value }: RecordedProbe, golden: GoldenProbe | null): Float32Array | null {
  return golden !== null && sameShape(shape, golden.shape) && value.length === golden.value.length ? value : null;
}

export function validatePhase(host: PortHost, bundle: Bundle): void {
  const { capabilities } = host.started;
  if (capabilities.includes(bundle.phase)) return;
  throw new EnvironmentError(
    `Cannot run port ${host.name} on ${bundle.id}: its phase is ${bundle.phase} and the port has ${capabilities.join(', ')}; a port with ${bundle.phase} is wanted`,
  );
}

export function asWanted({ name, sample }: GoldenProbe): WantedProbe {
  return { name, sample };
}

function goldensOf(bundle: Bundle): ReadonlyMap<string, Float32NdArray> {
  const complete = bundle.probes.filter((probe) => probe.sample === null);
  return new Map(complete.map(({ name, shape, value }) => [name, float32NdArray(shape, value)]));
}

export function measureRecording({ shape, value, nonFinite }: RecordedProbe, golden: GoldenProbe): Recording {
  const comparable = sameShape(shape, golden.shape) && value.length === golden.value.length;
  const error = comparable ? measureTensorError(value, golden.value, golden.rms) : null;
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
  return samplePositions(sample.seed, name, sample.count, elementCount(shape))[at]!;
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

/** How far the graph with probes and the graph without are apart, in rms over the golden's rms. */
function measureAgreement(
  shipped: Float32Array | null,
  probed: Float32Array | null,
  golden: GoldenProbe | null,
): number | null {
  if (shipped === null || probed === null || golden === null || shipped.length !== probed.length) return null;
  return measureTensorError(shipped, probed, golden.rms).relRms;
}

function measureMeaning(actual: Float32Array | null, golden: GoldenProbe | null): Meaning | null {
  if (actual === null || golden === null || golden.sample !== null || actual.length !== golden.value.length)
    return null;
  return measureLabelFlips(actual, golden.value, golden.shape);
}
