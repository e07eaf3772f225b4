import type { EngineReport } from '../../contract/engine-report.js';
import type { FoundBy } from '../../contract/port.js';
import type { Precision } from '../../contract/precision.js';
import type { EvaluationResult } from './evaluation-result.js';
import type { Excuse, Verdict } from './verdict.js';

export type { EvaluationResult, ModeMetrics, ModeResult, Pictures } from './evaluation-result.js';

/** One port on one bundle, or on one data set. */
export interface CaseResult {
  /** Unique in a run: `<port>/<bundle>`. */
  readonly id: string;
  readonly port: string;
  readonly bundle: string;
  readonly phase: 'infer' | 'train' | 'eval';
  readonly model: string;
  readonly inputShape: readonly number[];
  readonly verdict: Verdict;
  /** Why, for `error` and `not-run`; null otherwise. */
  readonly reason: string | null;
  readonly engine: EngineReport | null;
  readonly firstFault: string | null;
  /** Whether the fault was found by a layer's own error or by the accumulated one. */
  readonly firstFaultBy: 'own' | 'accumulated' | null;
  /** The likely cause, which what people read follows; null also in results of versions that did not say. */
  readonly fault: Fault | null;
  readonly measurements: readonly Measurement[];
  /** The logits of the graph that users run (no other probe requested); null where it was not run. */
  readonly shipped: Shipped | null;
  readonly meaning: Meaning | null;
  /** How often it was run, where that is more than once: each probe then has its `spread`. */
  readonly runs?: number;
  /** Of a file that declares free sizes: what came of others than the bundle's; absent where it declares none. */
  readonly sizes?: readonly TriedSize[];
  /** What was found on a data set; absent where the phase is another. */
  readonly evaluation?: EvaluationResult;
  /** Of a crash that is waived; absent otherwise. */
  readonly waived?: Excuse;
  readonly timing: Timing;
  readonly goldens: GoldenSource;
}

export interface GoldenSource {
  readonly madeBy: string;
  readonly caseSha256: string;
  /** In multiples of whose noise it was judged; absent: of float32's. */
  readonly precision?: Precision;
}

/**
 * What is the likely cause of all else that fails: the first kind, in the order of causes, of which something fails.
 */
export interface Fault {
  /** A file of harness/kinds. */
  readonly kind: string;
  readonly name: string;
}

/** What was measured, and what it may be. */
export interface Measured {
  /** A file of harness/kinds. */
  readonly kind: string;
  /** Those of the kind, in its order. */
  readonly figures: readonly Figure[];
}

export interface Figure {
  /** Of its kind: `rms`, `largest`, … */
  readonly name: string;
  /** Null where it is not finite or could not be measured. */
  readonly value: number | null;
  readonly unit: FigureUnit;
  /** At most this is wanted. Null: reported only. */
  readonly limit: number | null;
  /** Where the limit is from. */
  readonly because: string | null;
}

/** `× noise`: multiples of the reference's own rounding. `z`: standard deviations. */
export type FigureUnit = '× noise' | 'z' | 'pixels' | 'share' | 'absolute';

/** One probe. Figures are null where they are not finite or could not be measured; `reason` says why. */
export interface Measurement extends Measured {
  readonly name: string;
  readonly verdict: ProbeVerdict;
  readonly reason: string | null;
  readonly shape: readonly number[];
  /** Elements compared: all of them, or the sample. */
  readonly compared: number;
  readonly sampled: boolean;
  readonly relRms: number | null;
  readonly maxOverRms: number | null;
  /**
   * The error of a run in which every complete probe before was replaced by its golden; null where that was not
   * possible.
   */
  readonly own: OwnError | null;
  /** Where the plain run errs most; null where nothing was compared. */
  readonly worst: WorstPlace | null;
  /** How far runs are from the first; absent where there was one, and where the first gave nothing that fits. */
  readonly spread?: Spread;
  /** Of a failure that is waived; absent otherwise. */
  readonly waived?: Excuse;
  /** Of a file whose tensors had to be found: which one it is; absent where it has none, and of all else. */
  readonly found?: FoundTensor;
}

/** Null figures: a run gave none that fits, or not finite ones. */
export interface Spread extends Measured {
  readonly relRms: number | null;
  readonly maxOverRms: number | null;
}

export interface FoundTensor {
  readonly by: FoundBy;
  /** As the file calls it. */
  readonly tensor: string;
  /** What the porter's code calls the layer, where the file says it. */
  readonly module?: string;
  /** The tensor that agrees, where the map names another. */
  readonly elsewhere?: string;
}

/** The element with the largest error, or the first that is not finite. */
export interface WorstPlace {
  /** Position in `shape`. */
  readonly index: readonly number[];
  /** The port's value; null where it is NaN or Inf. */
  readonly actual: number | null;
  readonly expected: number;
}

/** `inherits` in reports is `fail` with an own error that passes: see `blameOf`. */
export type ProbeVerdict = 'pass' | 'fail' | 'missing' | 'uninformative';

/** Its figures are null where the bundle has no `own_noise`: then it is reported, not judged. */
export interface OwnError extends Measured {
  readonly relRms: number | null;
  readonly maxOverRms: number | null;
  readonly verdict: 'pass' | 'fail' | 'reported';
  readonly reason: string | null;
}

/** Its figure: relRms between the shipped and the probed output, as a multiple of the output's noise. */
export interface Shipped extends Measured {
  /** Of a model with several outputs, the worst of them: its name says which. */
  readonly logits: Measurement;
}

/** A size that a file declares as free, and that the bundle does not have. */
export interface TriedSize {
  /** `batch`: the image and another in one run, against single runs. `size`: a larger image, which must run. */
  readonly what: 'batch' | 'size';
  /** Of the image. */
  readonly image: readonly number[];
  readonly verdict: 'pass' | 'fail' | 'not-tried';
  /** Why it does not pass, or was not tried; else null. */
  readonly reason: string | null;
  /** How far the batch is from single runs; null where it was not compared. */
  readonly apart: Measured | null;
}

/** What the error means for the label map, from the golden's own margins (float64 values stored as float32). */
export interface Meaning {
  readonly pixels: number;
  /** Pixels whose class differs from the golden's. */
  readonly changed: number;
  /** Pixels whose golden top-2 margin is at most twice the largest logit error: they can change at this error. */
  readonly canChange: number;
  /** Changed pixels whose margin is larger than that: never expected. */
  readonly unexplained: number;
  readonly maxLogitError: number;
  readonly smallestMargin: number;
}

export interface Timing {
  /** Start of the port's process until it can take work. */
  readonly startMs: number;
  /** Reading the weights and building what the runs need: sessions, compiled graphs. */
  readonly loadMs: number;
  /** The plain run with every probe. */
  readonly plainMs: number;
  readonly ownMs: number | null;
  readonly shippedMs: number | null;
  readonly judgeMs: number;
  readonly peakRssMb: number | null;
}

/** What people call it: port, bundle, and a precision that is not float32's. */
export function titleOf({ port, bundle, goldens }: Pick<CaseResult, 'port' | 'bundle' | 'goldens'>): string {
  return `${port} · ${bundle}${inPrecision(goldens)}`;
}

/** ` in fp16`; empty where it was judged by the noise of float32. */
export function inPrecision({ precision }: GoldenSource): string {
  return precision === undefined ? '' : ` in ${precision}`;
}

/** Whether no figure is above its limit. One that is not finite is; one that is reported only never is. */
export function isWithin({ figures }: Pick<Measured, 'figures'>): boolean {
  return figures.every(({ value, limit }) => limit === null || (value !== null && value <= limit));
}

/** Whether its runs are further apart than they may be. */
export function isUnsteady({ spread }: Pick<Measurement, 'spread'>): boolean {
  return spread !== undefined && !isWithin(spread);
}

/** The error in multiples of the noise, in rms; null where it is not finite, or not counted so. */
export function timesNoise(measured: Pick<Measured, 'figures'> | null | undefined): number | null {
  return measured?.figures.find(({ unit }) => unit === '× noise')?.value ?? null;
}

/** As `timesNoise`, of the largest element; of a scalar both are one. */
export function largestTimesNoise(measured: Pick<Measured, 'figures'> | null | undefined): number | null {
  return measured?.figures.filter(({ unit }) => unit === '× noise').at(-1)?.value ?? null;
}

/**
 * `faulty`: its own error fails. `inherits`: fails, but its own error passes, so the fault lies before it.
 * `suspect`: fails and its own error could not be judged, as where its runs differ. `ok` otherwise.
 */
export function blameOf(measurement: Measurement): 'ok' | 'faulty' | 'inherits' | 'suspect' {
  if (measurement.own?.verdict === 'fail') return 'faulty';
  if (measurement.verdict === 'pass' || measurement.verdict === 'uninformative') return 'ok';
  return measurement.own?.verdict === 'pass' && !isUnsteady(measurement) ? 'inherits' : 'suspect';
}

/** The probe that a report speaks of first: the likely cause; where there is none to say, the first that fails. */
export function culpritOf({ fault, firstFault }: Pick<CaseResult, 'fault' | 'firstFault'>): string | null {
  return fault?.name ?? firstFault;
}
