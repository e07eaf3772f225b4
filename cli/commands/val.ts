import { type Command, Option } from 'commander';
import { firstPort } from '../../harness/hosts/read-ports.js';
import { takeShipped } from '../../harness/support/take-shipped.js';
import type { ValOptions } from '../../pipeline/tools/val.js';
import type { TableOptions } from '../../pipeline/tools/val-table.js';
import { deviceOption } from '../options/device.js';
import { group, type OptionGroup, refuseBeside } from '../options/group.js';
import { basesOption, optsOption, pictureOptions } from '../options/network.js';
import { wholeNumber } from '../options/numbers.js';
import type { Program } from '../program.js';
import type { GoldenOptions } from '../run-golden.js';

const byGolden = 'the golden says what is evaluated; a command without it is wanted';
const byTable = 'the published table says what is evaluated; a command without it is wanted';

/** What is evaluated are weights by a yml, a golden, or the published table. */
const flags: OptionGroup<'weights' | 'golden' | 'table'> = [
  ...group(
    { weights: null, golden: byGolden, table: byTable },
    new Option('--config <yml>', 'a PaddleSeg yml').argParser(takeShipped),
    new Option('--model_path <file>', 'weights: .pdparams, .safetensors or .npz; or a model: .onnx').argParser(
      takeShipped,
    ),
    ...pictureOptions('aug_eval'),
    new Option('--repeats <n>', 'evaluations with --bases random, whose spread is told (default: 5)').argParser(
      wholeNumber(1, 4),
    ),
    new Option('--absent <share>', 'what a class that nowhere occurs counts in mIoU')
      .choices(['1', '0', 'nan'])
      .default('1'),
  ),
  ...group(
    { weights: null, golden: null, table: null },
    new Option('--port <port>', 'what computes: a built-in port or a port module').default(firstPort),
    deviceOption,
  ),
  ...group(
    { weights: null, golden: null, table: byTable },
    new Option(
      '--golden <folders...>',
      'in place of --config and --model_path: judge the evaluation beside an eval golden (docs/eval-goldens.md)',
    ),
  ),
  ...group(
    { weights: null, golden: byGolden, table: null },
    new Option('--num_workers <n>', 'threads that read and transform ahead').argParser(wholeNumber(0, 3)).default(1),
    basesOption(),
    optsOption,
    new Option('--save_dir <folder>', 'where the results of images are kept, so that --resume goes on after a kill'),
    new Option('--resume', 'use the results of images that --save_dir holds'),
    new Option('--json <file>', 'write confusion matrices and metrics'),
    new Option(
      '--table [models...]',
      'in place of --config and --model_path: the weights that the reference released (all where none is named), fetched, in three modes, beside the published figures',
    ),
  ),
  ...group(
    {
      weights: 'only --golden writes reports; a command without it is wanted. Fix: --golden in place of --config',
      golden: null,
      table: byTable,
    },
    new Option('--report <folder>', 'of --golden: write result.json, report.html and the other reports there'),
  ),
  ...group(
    {
      weights: 'only --table fetches; a command without it is wanted. Fix: --table in place of --config',
      golden: byGolden,
      table: null,
    },
    new Option('--data <folder>', 'Cityscapes for --table; data/cityscapes where it is left out'),
    new Option('--mirror <address>', "a copy of the server of --table's weights"),
  ),
];

export function register(program: Program): void {
  program
    .command('val')
    .helpGroup("PaddleSeg's tools:")
    .summary("evaluate a model on a data set, as PaddleSeg's tools/val.py")
    .description(
      "Evaluates weights on the val_dataset of a PaddleSeg yml and prints PaddleSeg's [EVAL] lines. Exit codes: 0 done, 2 bad usage or input, 3 could not run.",
    )
    .addGroup(flags)
    .addOption(new Option('--data_format <format>').choices(['NCHW']).default('NCHW').hideHelp())
    .endsWith((options: Given, command: Command) => chooseAction(options, command));
}

type Given = Partial<ValOptions> & GivenTable & GivenGolden;

function chooseAction(options: Given, command: Command): Promise<number> {
  if (options.table !== undefined) return renderTable(options, command);
  return options.golden === undefined ? evaluateOne(options, command) : judgeGolden(options, command);
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

async function evaluateOne(options: Given, command: Command): Promise<number> {
  for (const [name, flag] of [
    ['config', '--config <yml>'],
    ['model_path', '--model_path <file>'],
  ] as const)
    if (options[name] === undefined) command.error(`error: required option '${flag}' not specified`);
  refuseBeside(flags, command, 'weights', 'with --config');
  const { runVal } = await import('../../pipeline/tools/val.js');
  return runVal(options as ValOptions, process.env);
}

async function judgeGolden(options: Given, command: Command): Promise<number> {
  refuseBeside(flags, command, 'golden', 'with --golden');
  const { judgeGoldens } = await import('../run-golden.js');
  return judgeGoldens(options as GoldenOptions);
}

async function renderTable(options: Given, command: Command): Promise<number> {
  refuseBeside(flags, command, 'table', 'with --table');
  const { runTable } = await import('../../pipeline/tools/val-table.js');
  const { table, ...rest } = options;
  const models = table === true || table === undefined ? [] : table;
  return runTable({ ...(rest as TableOptions), table: models }, process.env);
}
