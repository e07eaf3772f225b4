import { join } from 'node:path';
import type { TipcPlan, TipcStep } from '../plan/plan.js';
import { optionOf } from './options.js';

/** A file of the form paddle2onnx: its two commands with the arguments of the scripts that stand in for them. */
export function adaptPaddle2Onnx(plan: TipcPlan): TipcPlan {
  return { ...plan, steps: plan.steps.map((step) => ({ ...step, argv: argumentsOf(step) })) };
}

/** The folder of the model, and the file that the conversion writes. */
export function conversionOf(argv: TipcStep['argv']): { readonly modelFolder: string; readonly onnxFile: string } {
  return { modelFolder: optionOf(argv, '--model_dir') ?? '', onnxFile: optionOf(argv, '--save_file') ?? '' };
}

/** The conversion's yml is what its folder's deploy.yaml says. */
function argumentsOf({ kind, argv }: TipcStep): string[] {
  return kind === 'convert'
    ? ['--config', join(conversionOf(argv).modelFolder, 'deploy.yaml'), ...argv]
    : ['--image_path', optionOf(argv, '--img_path') ?? ''];
}
