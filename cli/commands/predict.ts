import { InvalidArgumentError } from 'commander';
import { firstPort } from '../../harness/hosts/read-ports.js';
import { takeShipped } from '../../harness/support/take-shipped.js';
import type { PredictOptions } from '../../pipeline/tools/predict.js';
import { deviceOption } from '../options.js';
import type { Program } from '../program.js';

export function register(program: Program): void {
  program
    .command('predict')
    .helpGroup("PaddleSeg's tools:")
    .summary("predict pictures, as PaddleSeg's tools/predict.py")
    .description(
      'Predicts pictures and writes each in the colours of its classes (pseudo_color_prediction/) and blended with the picture (added_prediction/). Exit codes: 0 done, 2 bad usage or input, 3 could not run.',
    )
    .requiredOption('--config <yml>', 'a PaddleSeg yml; the transforms of its val_dataset are used', takeShipped)
    .requiredOption('--model_path <file>', 'weights: .pdparams, .safetensors or .npz; or a model: .onnx', takeShipped)
    .requiredOption('--image_path <path>', 'a picture, a text file that lists pictures, or a folder', takeShipped)
    .option('--save_dir <folder>', 'where the pictures go', './output/result')
    .option('--port <port>', 'what computes: a built-in port or a port module', firstPort)
    .addOption(deviceOption())
    .option('--aug_pred', 'average over scales and flips')
    .option('--scales <numbers...>', 'scales of --aug_pred', parseScales)
    .option('--flip_horizontal', 'left to right too, with --aug_pred')
    .option('--flip_vertical', 'upside down too, with --aug_pred')
    .option('--is_slide', 'infer by windows and average where they overlap')
    .option('--crop_size <width_height...>', 'size of a window of --is_slide: two numbers', parseNumbers)
    .option('--stride <width_height...>', 'from window to window: two numbers', parseNumbers)
    .option('--custom_color <rgb...>', 'colours of the first classes: three numbers each', parseNumbers)
    .option(
      '--bases <draw>',
      "NMF's random bases: uniform/1:SEED:NAME for all forwards, or random",
      'uniform/1:5:bases',
    )
    .option('--opts <key=value...>', 'changes to the yml')
    .endsWith(async (options: PredictOptions) => {
      const { runPredict } = await import('../../pipeline/tools/predict.js');
      await runPredict(options, process.env);
      return 0;
    });
}

function parseScales(text: string, before: number[] | undefined): number[] {
  const scale = Number(text);
  if (text.trim() === '' || !Number.isFinite(scale) || scale <= 0)
    throw new InvalidArgumentError('A number above 0 is wanted.');
  return [...(before ?? []), scale];
}

function parseNumbers(text: string, before: number[] | undefined): number[] {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('Whole numbers from 0 are wanted.');
  return [...(before ?? []), Number(text)];
}
