import { InvalidArgumentError, Option } from 'commander';
import { firstPort, namedPorts, runsGraphs } from '../../harness/hosts/read-ports.js';
import { takeShipped } from '../../harness/support/take-shipped.js';
import type { InferCommandOptions } from '../../pipeline/tools/infer-options.js';
import { deviceOption } from '../options/device.js';
import { basesOption } from '../options/network.js';
import { wholeNumber } from '../options/numbers.js';
import type { Program } from '../program.js';

const graphPorts = namedPorts.flatMap(({ name }) => (runsGraphs(name) ? [name] : []));

export function register(program: Program): void {
  program
    .command('infer')
    .helpGroup("PaddleSeg's tools:")
    .summary("infer with an exported model, as PaddleSeg's deploy/python/infer.py")
    .description(
      'Runs what tipcheck export --save_dir wrote on pictures, by the transforms of its deploy.yaml, and writes a mask of each: a palette PNG whose pixels are classes. Exit codes: 0 written, 2 bad usage or input, 3 could not run.',
    )
    .requiredOption('--config <file>', 'a deploy.yaml')
    .requiredOption('--image_path <path>', 'a picture, a list of pictures, or a folder', takeShipped)
    .option(
      '--port <port>',
      `${graphPorts.join(' or ')} runs the exported graph; any other, or a port module, the weights that it was made of`,
      firstPort,
    )
    .addOption(deviceOption)
    .option('--batch_size <n>', 'pictures of one size that go through at once', wholeNumber(1), 1)
    .option('--save_dir <folder>', 'where masks go', './output')
    .option('--cpu_threads <n>', "threads of the engine's pool", wholeNumber(1))
    .option('--benchmark <True|False>', 'time the stages, after five runs to warm up', parseTruth, false)
    .option('--model_name <name>', 'for the report of --benchmark', '')
    .option('--print_detail <True|False>', 'log what runs', parseBoolean, true)
    .addOption(basesOption())
    .addOption(new Option('--enable_mkldnn <True|False>').argParser(parseBoolean).hideHelp())
    .addOption(new Option('--use_trt <True|False>').argParser(parseBoolean).default(false).hideHelp())
    .addOption(new Option('--precision <precision>').choices(['fp32', 'fp16', 'int8']).default('fp32').hideHelp())
    .addOption(new Option('--min_subgraph_size <n>').hideHelp())
    .addOption(new Option('--enable_auto_tune <True|False>').argParser(parseBoolean).default(false).hideHelp())
    .addOption(new Option('--auto_tuned_shape_file <file>').hideHelp())
    .addOption(new Option('--with_argmax').hideHelp())
    .addOption(new Option('--json <file>', 'what ran and what was found, for programs').hideHelp())
    .addOption(
      new Option('--keep_logits <n>', 'logits of the first pictures beside --json')
        .argParser(wholeNumber(1))
        .hideHelp(),
    )
    .addOption(
      new Option('--rounding <n>', 'logits of so many runs with weights and pictures an ulp off')
        .argParser(wholeNumber(1))
        .hideHelp(),
    )
    .endsWith(async (options: InferCommandOptions) => {
      const { runInfer } = await import('../../pipeline/tools/infer.js');
      await runInfer(options, process.env);
      return 0;
    });
}

/** As the reference spells them: it evaluates the text, and 0 and 1 are equal to False and True. */
function parseBoolean(text: string): boolean {
  if (text === 'True' || text === 'true' || text === '1') return true;
  if (text === 'False' || text === 'false' || text === '0') return false;
  throw new InvalidArgumentError('True or False is wanted.');
}

/** Of `--benchmark` the reference takes any value, and asks whether it is true. */
function parseTruth(text: string): boolean {
  if (text === 'None') return false;
  return /^[+-]?(0|[1-9]\d*)$/.test(text) ? Number(text) !== 0 : parseBoolean(text);
}
