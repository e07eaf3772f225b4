import { suggest } from '../../harness/support/suggest.js';

/** A command's arguments as the tool's own parser takes them. */
export interface ParsedArguments {
  /** The same arguments, names written out. */
  readonly argv: readonly string[];
  /** Of the first that the tool would refuse: its name, and why, after "it"; null where there is none. */
  readonly refused: RefusedArgument | null;
}

export interface RefusedArgument {
  readonly name: string;
  /** A clause, after "for". */
  readonly why: string;
}

/**
 * Reads a command of PaddleSeg's as argparse does: names may be cut short, and what is not an argument of the tool ends
 * it. Source: parse_args in tools/train.py, tools/val.py, tools/export.py and deploy/python/infer.py, 2.8.0 to
 * d7975e7c: a name of any of these counts.
 * @returns null for a program that is not known
 */
export function parseToolArguments(script: string, argv: readonly string[]): ParsedArguments | null {
  const tool = tools[script];
  if (tool === undefined) return null;
  const written: string[] = [];
  let refused: RefusedArgument | null = null;
  for (let at = 0; at < argv.length; ) {
    const found = readArgument(tool, argv, at);
    written.push(...found.words);
    refused ??= found.refused;
    at = found.next;
  }
  return { argv: written, refused };
}

type Values =
  | 'flag'
  | 'text'
  | 'texts'
  | 'integer'
  | 'integers'
  | 'numbers'
  | 'number'
  | 'boolean'
  | 'literal'
  | readonly string[];
type Tool = Readonly<Record<string, Values>>;

const devices = ['cpu', 'gpu', 'xpu', 'npu', 'mlu'];

const tools: Readonly<Record<string, Tool>> = {
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

interface Read {
  readonly words: readonly string[];
  readonly refused: RefusedArgument | null;
  readonly next: number;
}

function readArgument(tool: Tool, argv: readonly string[], at: number): Read {
  const word = argv[at]!;
  const [given = ''] = word.split('=', 1);
  const names = isOptionLike(tool, word) ? namesFor(tool, given) : [];
  const [name] = names;
  if (name === undefined || names.length > 1)
    return { words: [word], refused: { name: given, why: describeUnknown(tool, given, names) }, next: at + 1 };
  const kind = tool[name]!;
  const attached = word.length > given.length ? word.slice(given.length + 1) : null;
  if (kind === 'flag')
    return { words: [name], refused: attached === null ? null : { name, why: `${name} takes no value` }, next: at + 1 };
  const isList = kind === 'texts' || kind === 'integers' || kind === 'numbers';
  const end = attached !== null ? at + 1 : endOfValues(tool, argv, at + 1, isList);
  const values = attached === null ? argv.slice(at + 1, end) : [attached];
  const words = attached !== null && !isList ? [`${name}=${attached}`] : [name, ...values];
  return { words, refused: judgeValues(name, kind, values), next: end };
}

/**
 * A word that begins with a dash: no negative number, and with a blank only where it names an argument
 * (`_parse_optional` of argparse).
 */
function isOptionLike(tool: Tool, word: string): boolean {
  if (!word.startsWith('-') || word.length === 1 || /^-(\d+|\d*\.\d+)$/.test(word)) return false;
  return !word.includes(' ') || namesFor(tool, word.split('=', 1)[0]!).length > 0;
}

/** The name itself, else all that begin with it. */
function namesFor(tool: Tool, given: string): readonly string[] {
  if (given in tool) return [given];
  return given.startsWith('--') && given.length > 2 ? Object.keys(tool).filter((name) => name.startsWith(given)) : [];
}

function endOfValues(tool: Tool, argv: readonly string[], from: number, isList: boolean): number {
  let end = from;
  while (end < argv.length && !isOptionLike(tool, argv[end]!) && (isList || end === from)) end++;
  return end;
}

function describeUnknown(tool: Tool, given: string, names: readonly string[]): string {
  if (names.length > 1) return `${given} may be short for ${names.join(' and ')}`;
  return `it has no argument ${given}${suggest(given, Object.keys(tool)).replace(/^ (.*)$/, ' ($1)')}`;
}

function judgeValues(name: string, kind: Values, values: readonly string[]): RefusedArgument | null {
  if (values.length === 0) return { name, why: `${name} lacks its value` };
  const fits = fitOf(kind);
  const odd = values.find((value) => !fits.test(value));
  return odd === undefined ? null : { name, why: `${name} does not take ${JSON.stringify(odd)}` };
}

/** What float() of Python takes. */
const pythonNumber = /^\s*[+-]?(nan|inf(inity)?|(\d+(_\d+)*\.?(\d+(_\d+)*)?|\.\d+(_\d+)*)(e[+-]?\d+(_\d+)*)?)\s*$/i;

function fitOf(kind: Values): { test(value: string): boolean } {
  if (typeof kind !== 'string') return { test: (value) => kind.includes(value) };
  if (kind === 'integer' || kind === 'integers') return /^\s*[+-]?\d+(_\d+)*\s*$/;
  if (kind === 'number' || kind === 'numbers') return pythonNumber;
  // type=eval: with choices=[True, False], which 0 and 1 are equal to in Python, or with none.
  if (kind === 'boolean') return /^\s*(True|False|0|1)\s*$/;
  return kind === 'literal' ? /^\s*(True|False|None|[+-]?(0|[1-9]\d*))\s*$/ : /^/;
}
