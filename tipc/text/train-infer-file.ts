import type { TipcArgument, TipcFrame, TipcList, TipcModes } from './frame.js';
import type { TipcSections } from './sections.js';

/**
 * A TIPC text file of the form `train_infer_python.txt`: what each of its positions says. Texts stand as TIPC's scripts
 * read them; `isGiven` tells a value from none.
 */
export interface TrainInferFile extends TipcFrame, TipcSections {
  readonly form: 'train_infer';
  /** The interpreter's command. */
  readonly python: string;
  /** One training launch each: `-1` (no device chosen), `0`, `0,1`, or `ips;devices` for several machines. */
  readonly gpuList: TipcList;
  readonly train: {
    readonly device: TipcList;
    readonly autocast: TipcList;
    readonly iters: TipcModes;
    readonly saveDir: TipcArgument;
    readonly batchSize: TipcModes;
    readonly pretrained: TipcArgument;
    /** Path of the checkpoint in a run's folder. */
    readonly checkpoint: string;
    readonly inferImages: TipcArgument;
    readonly free: TipcArgument;
  };
  readonly trainers: TipcList;
  /** The key is the trainer's name, the value its script with fixed arguments. */
  readonly commands: {
    readonly normal: TipcArgument;
    readonly pact: TipcArgument;
    readonly fpgm: TipcArgument;
    readonly distill: TipcArgument;
    readonly custom: readonly [TipcArgument, TipcArgument];
  };
  readonly evaluation: { readonly command: TipcArgument; readonly free: TipcArgument };
  readonly exports: {
    readonly saveDir: TipcArgument;
    readonly weights: TipcArgument;
    readonly normal: TipcArgument;
    readonly quant: TipcArgument;
    readonly fpgm: TipcArgument;
    readonly distill: TipcArgument;
    readonly custom: readonly [TipcArgument, TipcArgument];
  };
  readonly infer: {
    /** The value: a folder inside a run's folder that holds its export. */
    readonly folder: TipcArgument;
    /** Weights for whole_infer, and parallel to them the commands that export them, and whether they are quantised. */
    readonly models: TipcList;
    readonly modelExports: TipcList;
    readonly modelQuantised: TipcList;
    readonly command: TipcArgument;
    readonly device: TipcList;
    readonly mkldnn: TipcList;
    readonly threads: TipcList;
    readonly batchSize: TipcList;
    readonly tensorRt: TipcList;
    readonly precision: TipcList;
    readonly config: TipcArgument;
    readonly images: TipcArgument;
    readonly log: TipcArgument;
    readonly benchmark: TipcArgument;
    readonly free: readonly [TipcArgument, TipcArgument];
  };
}
