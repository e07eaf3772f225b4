import type { TipcSections } from './tipc-sections.js';

/** A TIPC text file of the form `train_infer_python.txt`: what each of its positions says. */
export interface TipcFile extends TipcSections {
  readonly form: 'train_infer';
  readonly path: string;
  readonly modelName: string;
  /** The interpreter's command. */
  readonly python: string;
  /** One training launch each: `-1` (no device chosen), `0`, `0,1`, or `ips;devices` for several machines. */
  readonly gpuList: readonly string[];
  readonly train: {
    readonly device: TipcList;
    readonly autocast: TipcList;
    readonly iters: TipcModes;
    readonly saveDirKey: string;
    readonly batchSize: TipcModes;
    readonly pretrained: TipcArgument;
    /** Path of the checkpoint in a run's folder. */
    readonly checkpoint: string;
    readonly inferImages: string | null;
    readonly free: TipcArgument;
  };
  readonly trainers: readonly string[];
  readonly commands: {
    readonly normal: TipcArgument;
    readonly pact: TipcArgument;
    readonly fpgm: TipcArgument;
    readonly distill: TipcArgument;
    readonly custom: readonly [TipcArgument, TipcArgument];
  };
  readonly evaluation: { readonly command: string | null; readonly free: TipcArgument };
  readonly exports: {
    readonly saveDirKey: string;
    readonly weightsKey: string;
    readonly normal: string | null;
    readonly quant: string | null;
    readonly fpgm: string | null;
    readonly distill: string | null;
    readonly custom: readonly [string | null, string | null];
  };
  readonly infer: {
    /** Weights for whole_infer, each with the command that exports it and whether it is quantised. */
    readonly models: readonly {
      readonly weights: string | null;
      readonly exportCommand: string | null;
      readonly quantised: boolean;
    }[];
    readonly command: string;
    readonly device: TipcList;
    readonly mkldnn: TipcList;
    readonly threads: TipcList;
    readonly batchSize: TipcList;
    readonly tensorRt: TipcList;
    readonly precision: TipcList;
    readonly configKey: string;
    readonly images: TipcArgument;
    readonly logKey: string;
    readonly benchmark: TipcArgument;
    readonly free: readonly [TipcArgument, TipcArgument];
  };
  /** What TIPC would accept in silence and the user should know, each a sentence with file and line. */
  readonly notes: readonly string[];
}

/** A key and its value; either may be absent (`null`, empty, one space). */
export interface TipcArgument {
  readonly key: string | null;
  readonly value: string | null;
}

export interface TipcList {
  readonly key: string | null;
  readonly values: readonly (string | null)[];
}

/** A value per mode. */
export interface TipcModes {
  readonly key: string | null;
  readonly values: ReadonlyMap<string, string>;
}
