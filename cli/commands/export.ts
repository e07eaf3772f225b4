import { InvalidArgumentError, Option } from 'commander';
import { takeShipped } from '../../harness/support/take-shipped.js';
import type { ExportCommandOptions } from '../../pipeline/tools/export.js';
import { optsOption } from '../options/network.js';
import type { Program } from '../program.js';

export function register(program: Program): void {
  program
    .command('export')
    .helpGroup('Your port, your weights:')
    .summary('write a model as an ONNX file')
    .description(
      "Writes the model of a PaddleSeg yml as an ONNX file of open batch, height and width. With --save_dir, as PaddleSeg's tools/export.py has it: a folder of model.onnx, its weights and the deploy.yaml that tipcheck infer reads. Exit codes: 0 written, 2 bad usage or input.",
    )
    .requiredOption('--config <yml>', 'a PaddleSeg model config', takeShipped)
    .option('--model_path <file>', 'weights: .pdparams, .safetensors or .npz (default: seeded numbers)', takeShipped)
    .option('--seed <number>', 'the seed of the weights where no file gives them', parseSeed, 0)
    .option('--out <file>', 'the file to write, *.onnx')
    .option('--save_dir <folder>', 'the folder to write, in place of --out; it needs --model_path')
    .option('--input_shape <n...>', 'what deploy.yaml says the input is; the graph takes any size', parseExtents)
    .addOption(optsOption)
    .addOption(
      new Option('--draws <source>', "where NMF's random bases come from: an input, or the graph itself in every run")
        .choices(['input', 'random'])
        .default('input'),
    )
    .option('--layers', 'keep every parameter and sublayer under its name, for `tipcheck judge`; slower')
    .addOption(new Option('--output_op <op>').choices(['argmax', 'softmax', 'none']).hideHelp())
    .addOption(new Option('--for_fd').hideHelp())
    .endsWith(async (options: ExportCommandOptions) => {
      const { runExport } = await import('../../pipeline/tools/export.js');
      await runExport(options);
      return 0;
    });
}

function parseSeed(text: string): number {
  const seed = Number(text);
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff) {
    throw new InvalidArgumentError('A whole number from 0 to 4294967295 is wanted.');
  }
  return seed;
}

/** PaddleSeg writes `1 3 1024 2048`, with -1 for an open extent. */
function parseExtents(text: string, before: readonly number[] = []): number[] {
  if (/^(-1|[1-9]\d{0,5})$/.test(text)) return [...before, Number(text)];
  throw new InvalidArgumentError('Whole numbers are wanted, -1 for any.');
}
