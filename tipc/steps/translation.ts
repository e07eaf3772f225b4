import type { StepResult } from '../../harness/result/record/tipc-run.js';
import type { TipcStep } from '../plan/plan.js';
import type { StepRequest } from '../text/request.js';
import type { DataFindings } from './data-findings.js';
import type { ResolvedConfig } from './resolve-config.js';
import type { Lack } from './tipc-options.js';

/** A step of TIPC's and what a port runs in its place. */
export interface Translation {
  readonly id: string;
  readonly port: string;
  readonly step: TipcStep;
  /** What the arguments are handed to: the user's Python; null: `tipcheck`. */
  readonly program: readonly string[] | null;
  /** What is asked of it: TIPC's, with what was changed. */
  readonly request: StepRequest;
  /** The words that run; null where the step cannot run. */
  readonly args: readonly string[] | null;
  readonly lack: Lack | null;
  readonly reason: string | null;
  readonly device: 'cpu' | 'gpu' | 'auto';
  readonly deviations: readonly string[];
  readonly notes: readonly string[];
  readonly record: string;
  /** Of masks for inference; of checkpoints and the exported model otherwise. */
  readonly folder: string;
  readonly config: ResolvedConfig | null;
  /** What its lists say. */
  readonly data: DataFindings;
  readonly estimate: StepResult['estimate'];
}
