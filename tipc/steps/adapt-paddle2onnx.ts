import { join } from 'node:path';
import type { TipcPlan, TipcStep } from '../plan/plan.js';
import { StepRequest } from '../text/request.js';
import { applyChanges, quietly } from './changes.js';

/** A file of the form paddle2onnx: its two commands with the arguments of the scripts that stand in for them. */
export function adaptPaddle2Onnx(plan: TipcPlan): TipcPlan {
  return { ...plan, steps: plan.steps.map((step) => ({ ...step, request: requestOf(step) })) };
}

/** The folder of the model, and the file that the conversion writes. */
export function conversionOf(request: StepRequest): { readonly modelFolder: string; readonly onnxFile: string } {
  return { modelFolder: request.value('--model_dir') ?? '', onnxFile: request.value('--save_file') ?? '' };
}

/** The conversion's yml is what its folder's deploy.yaml says. */
function requestOf({ kind, request }: TipcStep): StepRequest {
  return kind === 'convert'
    ? applyChanges(request, quietly({ '--config': join(conversionOf(request).modelFolder, 'deploy.yaml') }))
    : applyChanges(new StepRequest([]), quietly({ '--image_path': request.value('--img_path') ?? '' }));
}
