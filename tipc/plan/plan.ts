import type { StepRequest } from '../text/request.js';

/** What TIPC's scripts would run for a text file and a mode, in their order. */
export interface TipcPlan {
  /** The name of the text file's form. */
  readonly form: string;
  readonly path: string;
  readonly modelName: string;
  /** With underscores, as TIPC writes it. */
  readonly mode: string;
  /** Where TIPC writes: `./test_tipc/output/<model>/<mode>`. */
  readonly outputFolder: string;
  /** The text of the line that opens each run's status lines; null where the script writes none. */
  readonly banner: string | null;
  /** Numbers of the steps before which the script writes the banner. */
  readonly bannerBefore: readonly number[];
  readonly steps: readonly TipcStep[];
  /** Rows of the cross product that TIPC passes over in silence. */
  readonly filtered: readonly TipcFilteredRow[];
  /** What TIPC would accept in silence and the user should know. */
  readonly notes: readonly string[];
}

export type TipcStepKind =
  | 'train'
  | 'eval'
  | 'export'
  | 'infer'
  /** paddle2onnx, or Paddle Serving's converter. */
  | 'convert'
  /** Quantisation after training. */
  | 'quantise'
  | 'serve'
  | 'request'
  /** dy2static: a diff of losses. */
  | 'compare'
  /** benchmark_train: figures from a log. */
  | 'analyse';

export interface TipcStep {
  /** From 1. */
  readonly number: number;
  readonly kind: TipcStepKind;
  /** Exactly the command line that TIPC's script runs, with the blanks of omitted arguments. */
  readonly command: string;
  /** What TIPC writes about the step; null where it writes nothing. */
  readonly status: TipcStatus | null;
  /** The program: a script's path, or `-m <module>`. */
  readonly script: string;
  /** The program's own arguments. */
  readonly request: StepRequest;
  /** CUDA_VISIBLE_DEVICES as TIPC has set it by then; null: not set by TIPC. */
  readonly visibleDevices: string | null;
  readonly row: TipcRow;
  /** Folder of checkpoints and export; null where there is none. */
  readonly runFolder: string | null;
  /** Of train, eval and export: the checkpoint that is expected. */
  readonly checkpoint: TipcCheckpoint | null;
  /** The script's log; null where its output goes to none. */
  readonly logPath: string | null;
  /** The folder that inference is told to write to; null where it is told none (`./output` then). */
  readonly resultsFolder: string | null;
  /** Of train: values that the file has for other modes alone, so that the yml's apply. */
  readonly unasked: readonly { readonly key: 'iters' | 'batchSize'; readonly text: string }[];
  /** Numbers of the steps whose files this one reads. */
  readonly dependsOn: readonly number[];
  /** Number of the line in the file that gives the step's command. */
  readonly line: number;
}

/** `Run successfully with command - <model> - <command> - <log>  `, appended to `file`. */
export interface TipcStatus {
  readonly file: string;
  readonly model: string;
  readonly command: string;
  readonly log: string;
}

export interface TipcCheckpoint {
  /** Path relative to the run's folder that this row's own training is expected to make. */
  readonly expected: string;
  /** The path that TIPC takes when that file is absent, for this and all later rows. */
  readonly otherwise: string;
  /** The path that TIPC's commands name: not the expected one where an earlier row fell back. */
  readonly named: string;
}

/** Where a step stands in the cross product; null where a value does not apply. */
export interface TipcRow {
  /** As it stands in names of files; `0,1` is two ranks. */
  readonly gpu: string | null;
  /** Processes that the step starts. */
  readonly ranks: number;
  /** Machines. */
  readonly nodes: number;
  /** What the step computes on; null where it does not matter or nothing says. */
  readonly device: 'gpu' | 'cpu' | null;
  readonly trainer: string | null;
  readonly autocast: string | null;
  readonly mkldnn: string | null;
  readonly threads: string | null;
  readonly precision: string | null;
  readonly batchSize: string | null;
  readonly tensorRt: string | null;
  readonly quantised: boolean;
}

export interface TipcFilteredRow {
  readonly kind: TipcStepKind;
  readonly row: TipcRow;
  /** A clause, after "because". */
  readonly reason: string;
  readonly line: number;
}

export interface TipcPlanOptions {
  /** The script's third argument in whole_infer and serving_infer: CUDA_VISIBLE_DEVICES. */
  readonly visibleDevices?: string;
  /** The script's third argument in benchmark_train: which configurations. */
  readonly benchmark?: string;
  /** Where TIPC's script is started; serving and benchmark_train write whole paths. */
  readonly workingFolder?: string;
}
