import { type Command, InvalidArgumentError, Option } from 'commander';
import { firstPort } from '../../harness/hosts/read-ports.js';
import { UserError } from '../../harness/support/errors.js';
import { takeShipped } from '../../harness/support/take-shipped.js';
import type { ValOptions } from '../../pipeline/tools/val.js';
import type { TableOptions } from '../../pipeline/tools/val-table.js';
import { deviceOption } from '../options.js';
import type { Program } from '../program.js';
import type { GoldenOptions } from '../run-golden.js';

export function register(program: Program): void {
  program
    .command('val')
    .helpGroup("PaddleSeg's tools:")
    .summary("evaluate a model on a data set, as PaddleSeg's tools/val.py")
    .description(
      "Evaluates weights on the val_dataset of a PaddleSeg yml and prints PaddleSeg's [EVAL] lines. Exit codes: 0 done, 2 bad usage or input, 3 could not run.",
    )
    .option('--config <yml>', 'a PaddleSeg yml', takeShipped)
    .option('--model_path <file>', 'weights: .pdparams, .safetensors or .npz; or a model: .onnx', takeShipped)
    .option('--port <port>', 'what computes: a built-in port or a port module', firstPort)
    .addOption(deviceOption())
    .option('--num_workers <n>', 'threads that read and transform ahead', parseCount, 1)
    .option('--aug_eval', 'average over scales and flips')
    .option('--scales <numbers...>', 'scales of --aug_eval', parseScales)
    .option('--flip_horizontal', 'left to right too, with --aug_eval')
    .option('--flip_vertical', 'upside down too, with --aug_eval')
    .option('--is_slide', 'infer by windows and average where they overlap')
    .option('--crop_size <width_height...>', 'size of a window of --is_slide: two numbers', parsePair)
    .option('--stride <width_height...>', 'from window to window: two numbers', parsePair)
    .option('--opts <key=value...>', 'changes to the yml')
    .option(
      '--bases <draw>',
      "NMF's random bases: uniform/1:SEED:NAME for all forwards, or random",
      'uniform/1:5:bases',
    )
    .option('--repeats <n>', 'evaluations with --bases random, whose spread is told (default: 5)', parseRepeats)
    .addOption(
      new Option('--absent <share>', 'what a class that nowhere occurs counts in mIoU')
        .choices(['1', '0', 'nan'])
        .default('1'),
    )
    .option('--save_dir <folder>', 'where the results of images are kept, so that --resume goes on after a kill')
    .option('--resume', 'use the results of images that --save_dir holds')
    .option('--json <file>', 'write confusion matrices and metrics')
    .option(
      '--golden <folders...>',
      'in place of --config and --model_path: judge the evaluation beside an eval golden (docs/eval-goldens.md)',
    )
    .option(
      '--report <folder>',
      'of --golden: write result.json, report.html, junit.xml, results.tap and report.md there',
    )
    .option(
      '--table [models...]',
      'in place of --config and --model_path: the weights that the reference released (all where none is named), fetched, in three modes, beside the published figures',
    )
    .option('--data <folder>', 'Cityscapes for --table; data/cityscapes where it is left out')
    .option('--mirror <address>', "a copy of the server of --table's weights")
    .addOption(new Option('--data_format <format>').choices(['NCHW']).default('NCHW').hideHelp())
    .endsWith((options: Given, command: Command) => chooseAction(options, command));
}

type Given = Partial<ValOptions> & GivenTable & GivenGolden;

function chooseAction(options: Given, command: Command): Promise<number> {
  if (options.table !== undefined) return renderTable(options);
  return options.golden === undefined ? evaluateOne(options, command) : judgeGolden(options);
}

interface GivenGolden {
  readonly golden?: readonly string[];
  readonly report?: string;
}

interface GivenTable {
  /** True where no model is named. */
  readonly table?: true | readonly string[];
  readonly data?: string;
  readonly mirror?: string;
}

/** What says how the published table is made is not the user's to say. */
const notWithTable = [
  'config',
  'model_path',
  'aug_eval',
  'scales',
  'flip_horizontal',
  'flip_vertical',
  'is_slide',
  'crop_size',
  'stride',
  'repeats',
  'report',
] as const;

async function evaluateOne(options: Given, command: Command): Promise<number> {
  for (const [name, flag] of [
    ['config', '--config <yml>'],
    ['model_path', '--model_path <file>'],
  ] as const)
    if (options[name] === undefined) command.error(`error: required option '${flag}' not specified`);
  const stray = (['data', 'mirror'] as const).find((name) => options[name] !== undefined);
  if (stray !== undefined)
    throw new UserError(`Cannot use --${stray}: --table is not given, without which it does nothing. Fix: --table`);
  if (options.report !== undefined)
    throw new UserError('Cannot use --report: --golden is not given, without which it does nothing. Fix: --golden');
  const { runVal } = await import('../../pipeline/tools/val.js');
  return runVal(options as ValOptions, process.env);
}

/** The golden says what is evaluated, and how. */
async function judgeGolden(options: Given): Promise<number> {
  const others = ['save_dir', 'resume', 'opts', 'json', 'data', 'mirror'] as const;
  const given = [...notWithTable.filter((name) => name !== 'report'), ...others] as const;
  const stray = given.find((name) => options[name] !== undefined);
  if (stray !== undefined)
    throw new UserError(
      `Cannot use --${stray} with --golden: the golden says what is evaluated; a command without it is wanted`,
    );
  const { judgeGoldens } = await import('../run-golden.js');
  return judgeGoldens(options as GoldenOptions);
}

async function renderTable(options: Given): Promise<number> {
  const given = notWithTable.find((name) => options[name] !== undefined);
  const stray = options.absent === '1' ? given : 'absent';
  if (stray !== undefined)
    throw new UserError(
      `Cannot use --${stray} with --table: the published table says what is evaluated; a command without it is wanted`,
    );
  const { runTable } = await import('../../pipeline/tools/val-table.js');
  const { table, ...rest } = options;
  const models = table === true || table === undefined ? [] : table;
  return runTable({ ...(rest as TableOptions), table: models }, process.env);
}

function parseCount(text: string): number {
  if (/^\d{1,3}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('A whole number from 0 is wanted.');
}

function parseRepeats(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('A whole number from 1 is wanted.');
}

function parseScales(text: string, before: number[] | undefined): number[] {
  const scale = Number(text);
  if (text.trim() === '' || !Number.isFinite(scale) || scale <= 0)
    throw new InvalidArgumentError('A number above 0 is wanted.');
  return [...(before ?? []), scale];
}

function parsePair(text: string, before: number[] | undefined): number[] {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('Two whole numbers are wanted, width and height.');
  return [...(before ?? []), Number(text)];
}
