import type { EngineReport } from '../../contract/engine-report.js';
import type { Figure } from './case-result.js';
import type { Verdict } from './verdict.js';

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
