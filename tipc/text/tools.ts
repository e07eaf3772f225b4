/** What an option takes: with an `s`, one or more of it; a list names its choices. */
export type Values = 'flag' | `${'text' | 'integer' | 'number'}${'' | 's'}` | 'boolean' | 'literal' | readonly string[];
/** By the option's whole name. */
export type Tool = Readonly<Record<string, Values>>;

const devices = ['cpu', 'gpu', 'xpu', 'npu', 'mlu'];

/**
 * PaddleSeg's tools, by their scripts. Source: parse_args in tools/train.py, tools/val.py, tools/export.py and
 * deploy/python/infer.py, 2.8.0 to d7975e7c: a name of any of these counts.
 */
export const tools: Readonly<Record<string, Tool>> = {
  'tools/train.py': {
    ...{ '--config': 'text', '--device': devices, '--save_dir': 'text', '--num_workers': 'integer' },
    ...{ '--do_eval': 'flag', '--use_vdl': 'flag', '--use_ema': 'flag', '--resume_model': 'text' },
    ...{ '--iters': 'integer', '--batch_size': 'integer', '--learning_rate': 'number', '--save_interval': 'integer' },
    ...{ '--log_iters': 'integer', '--keep_checkpoint_max': 'integer', '--early_stop_intervals': 'integer' },
    ...{ '--seed': 'integer', '--precision': ['fp32', 'fp16'], '--amp_level': ['O1', 'O2'] },
    ...{ '--profiler_options': 'text', '--data_format': 'text', '--repeats': 'integer', '--opts': 'texts' },
    ...{ '--use_multilabel': 'flag', '--to_static_training': 'flag', '--for_fd': 'flag' },
    ...{ '--output_op': ['argmax', 'softmax', 'none'], '--input_shape': 'integers' },
  },
  'tools/val.py': {
    ...{ '--config': 'text', '--model_path': 'text', '--num_workers': 'integer', '--device': devices },
    ...{ '--aug_eval': 'flag', '--scales': 'numbers', '--flip_horizontal': 'flag', '--flip_vertical': 'flag' },
    ...{ '--is_slide': 'flag', '--crop_size': 'integers', '--stride': 'integers', '--data_format': 'text' },
    ...{ '--auc_roc': 'text', '--opts': 'texts', '--use_multilabel': 'flag' },
  },
  'tools/export.py': {
    ...{ '--config': 'text', '--model_path': 'text', '--save_dir': 'text', '--input_shape': 'integers' },
    ...{ '--output_op': ['argmax', 'softmax', 'none'], '--for_fd': 'flag', '--opts': 'texts' },
  },
  'deploy/python/infer.py': {
    ...{ '--config': 'text', '--image_path': 'text', '--batch_size': 'integer', '--save_dir': 'text' },
    ...{ '--device': ['cpu', 'gpu'], '--use_trt': 'boolean', '--precision': ['fp32', 'fp16', 'int8'] },
    ...{ '--min_subgraph_size': 'integer', '--enable_auto_tune': 'boolean', '--auto_tuned_shape_file': 'text' },
    ...{ '--cpu_threads': 'integer', '--enable_mkldnn': 'boolean', '--benchmark': 'literal', '--model_name': 'text' },
    ...{ '--with_argmax': 'flag', '--print_detail': 'boolean', '--use_multilabel': 'flag' },
  },
};

/** What float() of Python takes. */
const pythonNumber = /^\s*[+-]?(nan|inf(inity)?|(\d+(_\d+)*\.?(\d+(_\d+)*)?|\.\d+(_\d+)*)(e[+-]?\d+(_\d+)*)?)\s*$/i;

/** Whether a value is one that the tool takes. */
export function fitOf(kind: Values): { test(value: string): boolean } {
  if (typeof kind !== 'string') return { test: (value) => kind.includes(value) };
  if (kind === 'integer' || kind === 'integers') return /^\s*[+-]?\d+(_\d+)*\s*$/;
  if (kind === 'number' || kind === 'numbers') return pythonNumber;
  // type=eval: with choices=[True, False], which 0 and 1 are equal to in Python, or with none.
  if (kind === 'boolean') return /^\s*(True|False|0|1)\s*$/;
  return kind === 'literal' ? /^\s*(True|False|None|[+-]?(0|[1-9]\d*))\s*$/ : /^/;
}
