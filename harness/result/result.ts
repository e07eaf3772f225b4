import type { EngineReport } from '../contract/engine-report.js';

/** Everything that reporters know about a run: Result → CaseResult → Measurement. Stored as `result.json`. */
export interface Result {
  readonly format: 'tipcheck-result/2';
  readonly runId: string;
  readonly tipcheckVersion: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly durationMs: number;
  /** The command line that made it, without the node binary. */
  readonly command: readonly string[];
  readonly machine: Machine;
  /** By which limits it was judged: `limits/2`. One that an earlier version stored keeps its own. */
  readonly limits: string;
  /** Of which set the shipped goldens were: `goldens/2`. */
  readonly goldens: string;
  readonly suite: string | null;
  readonly verdict: Verdict;
  /** One sentence: why the verdict is what it is. */
  readonly summary: string;
  /** True when `--only` restricted the probes. */
  readonly partial: boolean;
  readonly cases: readonly CaseResult[];
  /** Known failures that the run was told of, and what became of each; absent where it was told of none. */
  readonly waivers?: readonly WaiverUse[];
  /** What a TIPC text file and one of TIPC's own modes ran; absent where goldens alone were judged. */
  readonly tipc?: TipcRun;
  /** What the run is beside an earlier one (`--baseline`); absent where none was given. */
  readonly baseline?: BaselineResult;
}

/** A run, held against an earlier one. */
export interface BaselineResult {
  /** Of the earlier run. */
  readonly runId: string;
  readonly startedAt: string;
  /** A multiple of the noise may grow by this. */
  readonly factor: number;
  readonly because: string;
  /** A multiple counts as at least this: rms errors, and largest single errors. */
  readonly floor: { readonly rms: number; readonly largest: number };
  /** `not-run`: inconclusive, for another CPU, engine or golden. */
  readonly verdict: 'pass' | 'fail' | 'not-run';
  /** Multiples of the noise that both runs have. */
  readonly compared: number;
  /** The worst first; none: nothing became worse. */
  readonly findings: readonly BaselineFinding[];
}

export interface BaselineFinding {
  readonly case: string;
  /** Null: the whole case. */
  readonly probe: string | null;
  /** `worse` and `vanished` fail; `inconclusive`: its figures say nothing of the baseline's. */
  readonly what: 'worse' | 'vanished' | 'inconclusive';
  /** Which error of the probe; null where it is not about one. */
  readonly figure: string | null;
  /** Multiples of the noise. */
  readonly actual: number | null;
  readonly expected: number | null;
  readonly reason: string;
}

/**
 * `not-run`: a part that could not or did not run. It is shown and counted, and never a pass. `waived`: it fails, and
 * every failure of it is a known one (`--waivers`, or a suite's expected failures). Never a pass either.
 */
export type Verdict = 'pass' | 'waived' | 'fail' | 'error' | 'not-run';

/** Why a failure is let through for now. */
export interface Excuse {
  readonly because: string;
  readonly link: string | null;
  /** The last day on which it holds, `2027-01-31`; null: until it passes. */
  readonly until: string | null;
  /** The waived probe before it from which this one inherits; null where the waiver names it. */
  readonly inheritsFrom: string | null;
}

/** A waiver and what became of it in a run. */
export interface WaiverUse {
  readonly port: string;
  readonly bundle: string;
  /** A glob; null for a crash, which is of a whole case. */
  readonly probe: string | null;
  readonly failure: string;
  readonly because: string;
  readonly link: string | null;
  readonly until: string | null;
  /** Where it is written. */
  readonly source: string;
  /**
   * `used`: it waived a failure. `stale`: nothing was there to waive. `expired`: its last day is over. The last two
   * fail a run. `unseen`: what it names did not run, or was not asked for. `elsewhere`: its port or bundle is not part
   * of the run.
   */
  readonly state: 'used' | 'stale' | 'expired' | 'unseen' | 'elsewhere';
  /** How many failures it names, without those that inherit. */
  readonly matched: number;
  /** The state in a sentence; null where it was used. */
  readonly note: string | null;
  /** Why it waives more than a waiver should, or for longer, in a sentence; absent where it does not. */
  readonly caution?: string;
}

export interface Machine {
  readonly platform: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly node: string;
}

/** The steps of one TIPC mode, through one port or several. */
export interface TipcRun {
  /** The text file, as it was named. */
  readonly file: string;
  readonly fileSha256: string;
  /** The file's model_name. */
  readonly model: string;
  /** Of a merge of several: all of them, `a, b`. */
  readonly mode: string;
  /** How what ran is not what the file asks for, a sentence each; empty: the file ran as it stands. */
  readonly deviations: readonly string[];
  /** Reasons not to run that `--allow-not-run` takes, and those that `--require` forbids. */
  readonly allowed: readonly string[];
  readonly required: readonly string[];
  /** Ports that the file names, whichever of them ran. */
  readonly ports: readonly string[];
  /**
   * Where it was started, from the folder of its result.json: paths of files are from there. Null in some runs of
   * earlier versions.
   */
  readonly startFolder: string | null;
  /** Of the repository that it was started in; null where there is none. */
  readonly commit: string | null;
  /** `--params`: which configurations benchmark_train trains; null: all of the file's. */
  readonly params: string | null;
  /** What it stands on, hashed before the first step; null only in runs of earlier versions. */
  readonly inputs: RunInputs | null;
  /** Ids of all steps, written before the first ran. */
  readonly planned: readonly string[];
  readonly steps: readonly StepResult[];
  /**
   * What it left in its folder beside its reports, and the logs of its steps, hashed after the last; null only in runs
   * of earlier versions.
   */
  readonly files: readonly Artefact[] | null;
}

/** Files that a run of TIPC's reads and does not make. */
export interface RunInputs {
  /** The ymls that the commands name. */
  readonly configs: readonly RecordedConfig[];
  /** Data sets of the ymls, and pictures to infer. */
  readonly data: readonly RecordedData[];
  /** Trained and pretrained weights. */
  readonly weights: readonly Artefact[];
  /** A file in the run's folder: every file that was read, with its hash, as `sha256sum -c` reads it. */
  readonly manifest: Artefact;
}

export interface RecordedConfig {
  /** As commands name it. */
  readonly name: string;
  /** Of all that it says with its bases merged in: JSON with sorted keys. */
  readonly sha256: string;
  /** The yml that runs in its place, smaller or with other weights, where one does; else itself. */
  readonly used: { readonly path: string; readonly sha256: string };
}

export interface RecordedData {
  /** `train_dataset of <yml>`, or the path of the pictures. */
  readonly name: string;
  /** What its yml calls it: `Cityscapes`, `Dataset`; null of pictures alone. */
  readonly type: string | null;
  /** The folder that paths of its list are from. */
  readonly root: string;
  /** The text file that lists it; null where a folder is the list. */
  readonly list: string | null;
  /** Pictures, a line each; null where they could not be listed. */
  readonly images: number | null;
  readonly bytes: number;
  /**
   * Of the lines `<sha256 of picture> <sha256 of label> <paths from root>`, in their order; null where they could not
   * be listed.
   */
  readonly sha256: string | null;
  /** What the data are instead of, where tipcheck copied its own there: `Cityscapes`. */
  readonly standsInFor: string | null;
  /** That they stand in for others, why they could not be listed, what of them is away; null otherwise. */
  readonly note: string | null;
}

/** One step: a command of TIPC's, and what a port ran in its place. */
export interface StepResult {
  /**
   * Unique in a run: `<port>/<number>-<kind>`, for example `ort/1-train`; with its mode and a slash before it where it
   * has one.
   */
  readonly id: string;
  /** In a merge of several modes; absent otherwise. */
  readonly mode?: string;
  readonly port: string;
  /** From 1, in TIPC's order. */
  readonly number: number;
  /** `train`, `eval`, `export`, `infer`, or what else a file's form has. */
  readonly kind: string;
  /** TIPC's own command line. */
  readonly command: string;
  /** What ran in its place, as one would type it; null where nothing did. */
  readonly ran: string | null;
  /** What the file's row says: gpu, device, trainer, precision, … */
  readonly row: Readonly<Record<string, string>>;
  readonly verdict: StepVerdict;
  /** Why, where it does not pass; null otherwise. */
  readonly reason: string | null;
  /** Of an error that the user's own input is the cause of (exit code 2); absent otherwise. */
  readonly blame?: 'user';
  /** Why it did not run, in the word that `--allow-not-run` takes; null where it ran. */
  readonly lack: string | null;
  /** The device that was asked of the port. */
  readonly deviceAsked: 'cpu' | 'gpu' | null;
  /** What computed, as the engine says; null where none did, or none says. */
  readonly engine: EngineReport | null;
  /** How what ran is not what the file asks for, known before it ran. */
  readonly deviations: readonly string[];
  /** What was found once it had run and makes it say less than it seems to, a sentence each. */
  readonly observed: readonly string[];
  readonly notes: readonly string[];
  readonly checks: readonly StepCheck[];
  /** Seconds, samples a second, losses, …: by names that carry their units. */
  readonly figures: Readonly<Record<string, number>>;
  /** Files that this very run made. */
  readonly artefacts: readonly Artefact[];
  readonly log: string | null;
  /** The file in which all of this stood as soon as the step had ended; null only in runs of earlier versions. */
  readonly record: string | null;
  readonly durationMs: number;
  readonly estimate: { readonly seconds: number; readonly memoryMb: number } | null;
}

/** All that reduces what a step says: known before it ran, and seen afterwards. */
export function reductionsOfStep({ deviations, observed }: StepResult): readonly string[] {
  return [...deviations, ...observed];
}

/** Of a run, each once. */
export function reductionsOf({ deviations, steps }: TipcRun): readonly string[] {
  return [...new Set([...deviations, ...steps.flatMap(({ observed }) => observed)])];
}

/** No failure of a step is let through. */
export type StepVerdict = Exclude<Verdict, 'waived'>;

/** One thing that a step was held to. */
export interface StepCheck {
  readonly name: string;
  readonly verdict: 'pass' | 'fail';
  /** What was found, with its figure. */
  readonly found: string;
  /** Where the limit is from; null where nothing is allowed. */
  readonly because: string | null;
  /** A file of harness/kinds, where figures were held to limits; null where none were. */
  readonly kind: string | null;
  readonly figures: readonly Figure[];
}

export interface Artefact {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

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
  /** What was found on a data set; absent where the phase is another. */
  readonly evaluation?: EvaluationResult;
  /** Of a crash that is waived; absent otherwise. */
  readonly waived?: Excuse;
  readonly timing: Timing;
  readonly goldens: { readonly madeBy: string; readonly caseSha256: string };
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
  /** Of a failure that is waived; absent otherwise. */
  readonly waived?: Excuse;
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

/** One port's evaluation of a data set, in every mode. */
export interface EvaluationResult {
  readonly classNames: readonly string[];
  readonly images: number;
  readonly modes: readonly ModeResult[];
  /** Of some images, those with the most changed pixels first. */
  readonly pictures: readonly Pictures[];
}

/** One mode of testing: single, flip, … */
export interface ModeResult {
  readonly name: string;
  readonly verdict: Verdict;
  readonly reason: string | null;
  readonly pixels: number;
  /** Pixels whose class differs from the golden's. */
  readonly changed: number;
  /** Changed pixels that the port's measured logit error cannot change. */
  readonly unexplained: number;
  /** Largest measured error of an averaged logit; null where it is not finite. */
  readonly maxLogitError: number | null;
  readonly actual: ModeMetrics;
  readonly expected: ModeMetrics;
  /** Classes that labels or predictions have. */
  readonly presentClasses: number;
  /** Whether both mIoUs are equal within `bound`: two one-sided tests over a paired bootstrap of images. */
  readonly equivalence: {
    readonly verdict: 'equivalent' | 'different' | 'inconclusive';
    /** 90 %, of actual − expected. */
    readonly interval: readonly [low: number, high: number] | null;
    readonly bound: number;
  };
  readonly durationMs: number;
}

export interface ModeMetrics {
  readonly mIoU: number | null;
  /** Null for a class that is absent. */
  readonly classIou: readonly (number | null)[];
  /** Rows are labels, columns predictions. */
  readonly confusion: readonly (readonly number[])[];
}

/** One image: each picture a data URI of a PNG. */
export interface Pictures {
  readonly image: string;
  readonly mode: string;
  readonly input: string;
  readonly truth: string;
  readonly expected: string;
  readonly actual: string;
  /** Where actual and expected differ. */
  readonly difference: string;
  /** `#rrggbb` of each class; what is ignored is black. */
  readonly colours: readonly string[];
  readonly changed: number;
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

/** Whether no figure is above its limit. One that is not finite is; one that is reported only never is. */
export function isWithin({ figures }: Pick<Measured, 'figures'>): boolean {
  return figures.every(({ value, limit }) => limit === null || (value !== null && value <= limit));
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
 * `suspect`: fails and its own error could not be judged. `ok` otherwise.
 */
export function blameOf(measurement: Measurement): 'ok' | 'faulty' | 'inherits' | 'suspect' {
  if (measurement.own?.verdict === 'fail') return 'faulty';
  if (measurement.verdict === 'pass' || measurement.verdict === 'uninformative') return 'ok';
  return measurement.own?.verdict === 'pass' ? 'inherits' : 'suspect';
}

/** The probe that a report speaks of first: the likely cause; where there is none to say, the first that fails. */
export function culpritOf({ fault, firstFault }: Pick<CaseResult, 'fault' | 'firstFault'>): string | null {
  return fault?.name ?? firstFault;
}
