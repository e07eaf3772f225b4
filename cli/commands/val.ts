import { type Command, InvalidArgumentError, Option } from 'commander';
import { deviceOption } from '../options.js';
import type { ValOptions } from '../run-val.js';

export function register(program: Command): void {
  program
    .command('val')
    .helpGroup("PaddleSeg's tools:")
    .summary("evaluate a model on a data set, as PaddleSeg's tools/val.py")
    .description(
      "Evaluates weights on the val_dataset of a PaddleSeg yml and prints PaddleSeg's [EVAL] lines. Exit codes: 0 done, 2 bad usage or input, 3 could not run.",
    )
    .requiredOption('--config <yml>', 'a PaddleSeg yml')
    .requiredOption('--model_path <file>', 'weights: .pdparams, .safetensors or .npz; or a model: .onnx')
    .option('--port <port>', 'what computes: a built-in port or a port module', 'ort')
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
    .addOption(
      new Option('--absent <share>', 'what a class that nowhere occurs counts in mIoU')
        .choices(['1', '0', 'nan'])
        .default('1'),
    )
    .option('--save_dir <folder>', 'where the results of images are kept, so that --resume goes on after a kill')
    .option('--resume', 'use the results of images that --save_dir holds')
    .option('--json <file>', 'write confusion matrices and metrics')
    .addOption(new Option('--data_format <format>').choices(['NCHW']).default('NCHW').hideHelp())
    .action(async (options: ValOptions) => {
      const { runVal } = await import('../run-val.js');
      process.exitCode = await runVal(options);
    });
}

function parseCount(text: string): number {
  if (/^\d{1,3}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('A whole number from 0 is wanted.');
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
