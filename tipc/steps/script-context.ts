import type { StepRequest } from '../text/request.js';
import type { Change } from './changes.js';
import type { ResolvedConfig } from './resolve-config.js';
import type { Lack, TipcOptions } from './tipc-options.js';

/** What a script's translation may look at. */
export interface ScriptContext {
  readonly port: string;
  readonly options: TipcOptions;
  /** In place of the command's yml. */
  readonly config: ResolvedConfig;
  readonly device: 'cpu' | 'gpu' | 'auto';
  /** Where the command writes what it found, for the judge. */
  readonly record: string;
  /** Where its results go. */
  readonly folder: string;
  /** The checkpoint that the row's training made. */
  readonly checkpoint: string | null;
}

/** Arguments of the program that stands in, or why there are none. */
export type Command =
  | {
      readonly args: readonly string[];
      /** What the arguments ask for: TIPC's request with the changes. */
      readonly request: StepRequest;
      readonly changes: readonly Change[];
      readonly notes?: readonly string[];
    }
  | { readonly lack: Lack; readonly reason: string };
