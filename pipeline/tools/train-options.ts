import type { Device } from '../../harness/contract/device.js';
import { UserError } from '../../harness/support/errors.js';

/** The arguments of `tipcheck train`, as its command line spells them. */
export interface TrainCommandOptions {
  readonly config: string;
  readonly port: string;
  readonly device: Device;
  readonly save_dir: string;
  readonly num_workers: number;
  readonly do_eval?: boolean;
  readonly use_vdl?: boolean;
  readonly use_tb?: boolean;
  readonly resume_model?: string;
  readonly iters?: number;
  readonly batch_size?: number;
  readonly learning_rate?: number;
  readonly save_interval: number;
  readonly log_iters: number;
  readonly log_iter?: number;
  readonly keep_checkpoint_max: number;
  readonly early_stop_intervals?: number;
  /** Absent: the resumed training's, or 0. */
  readonly seed?: number;
  readonly pretrained?: string;
  readonly bases: string;
  readonly repeats: number;
  readonly opts?: readonly string[];
  readonly precision: 'fp32' | 'fp16';
  readonly data_format: 'NCHW' | 'NHWC';
  readonly use_ema?: boolean;
  readonly profiler_options?: string;
  readonly use_multilabel?: boolean;
  readonly to_static_training?: boolean;
  readonly amp_level?: string;
  readonly for_fd?: boolean;
  readonly output_op?: string;
  readonly input_shape?: readonly string[];
  readonly json?: string;
}

/** What tools/train.py takes and tipcheck does not do: refused, never passed over. */
export function refuseUnsupported(options: TrainCommandOptions): void {
  const refused: readonly (readonly [boolean, string, string])[] = [
    [options.precision === 'fp16', '--precision fp16', 'training is in float32'],
    [options.use_ema === true, '--use_ema', 'no moving average of the weights is kept'],
    [options.profiler_options !== undefined, '--profiler_options', 'there is no profiler'],
    [options.use_multilabel === true, '--use_multilabel', 'a pixel has one label'],
    [options.data_format === 'NHWC', '--data_format NHWC', 'data is NCHW'],
  ];
  const found = refused.find(([given]) => given);
  if (found === undefined) return;
  throw new UserError(`Cannot train with ${found[1]}: ${found[2]}; a command without it is wanted`);
}

/**
 * What tools/train.py takes and this command, like the reference, has no use for: in float32 and without its export.
 * Said, not passed over.
 */
export function idleOptions(options: TrainCommandOptions): Readonly<Record<string, unknown>> {
  const { to_static_training, amp_level, for_fd, output_op, input_shape, early_stop_intervals, do_eval } = options;
  return {
    ...{ to_static_training, amp_level, for_fd, output_op, input_shape },
    ...(do_eval === true ? {} : { early_stop_intervals }),
  };
}
