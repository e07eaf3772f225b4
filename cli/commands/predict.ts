import { InvalidArgumentError } from 'commander';
import { firstPort } from '../../harness/hosts/read-ports.js';
import { takeShipped } from '../../harness/support/take-shipped.js';
import type { PredictOptions } from '../../pipeline/tools/predict.js';
import { deviceOption } from '../options/device.js';
import { basesOption, optsOption, pictureOptions } from '../options/network.js';
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
    .addOption(deviceOption)
    .addOptions(pictureOptions('aug_pred'))
    .option('--custom_color <rgb...>', 'colours of the first classes: three numbers each', parseNumbers)
    .addOption(basesOption())
    .addOption(optsOption)
    .endsWith(async (options: PredictOptions) => {
      const { runPredict } = await import('../../pipeline/tools/predict.js');
      await runPredict(options, process.env);
      return 0;
    });
}

function parseNumbers(text: string, before: number[] | undefined): number[] {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('Whole numbers from 0 are wanted.');
  return [...(before ?? []), Number(text)];
}
