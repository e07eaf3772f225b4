import { UserError } from '../support/errors.js';
import { validateFormMode } from './form-modes.js';
import { parseMode } from './modes.js';
import { planCpp } from './tipc-forms/cpp.js';
import { planDy2Static } from './tipc-forms/dy2static.js';
import type { TipcFile } from './tipc-forms/form.js';
import { planPaddle2Onnx } from './tipc-forms/paddle2onnx.js';
import { planPtq } from './tipc-forms/ptq.js';
import { planServingCpp } from './tipc-forms/serving-cpp.js';
import { planServingPython } from './tipc-forms/serving-python.js';
import type { TipcPlan, TipcPlanOptions } from './tipc-plan.js';
import { planBenchmark } from './tipc-plan-benchmark.js';
import { planTrainInfer } from './tipc-plan-train-infer.js';

/**
 * Plans everything that TIPC's script for a file of this form would run in a mode.
 * @param mode as the user wrote it
 * Throws a UserError for an unknown mode, and for one that belongs to another form.
 */
export function planTipc(file: TipcFile, mode: string, options: TipcPlanOptions = {}): TipcPlan {
  const name = parseMode(mode);
  validateFormMode(file, name);
  if (options.benchmark !== undefined && name !== 'benchmark_train')
    throw new UserError(
      `Cannot plan mode ${name} of ${file.path} for ${options.benchmark}: that argument says what benchmark_train trains; a command without it is wanted`,
    );
  switch (file.form) {
    case 'train_infer':
      return name === 'benchmark_train' ? planBenchmark(file, options) : planTrainInfer(file, name, options);
    case 'paddle2onnx':
      return planPaddle2Onnx(file, name);
    case 'ptq':
      return planPtq(file, name);
    case 'serving_python':
      return planServingPython(file, name, options);
    case 'serving_cpp':
      return planServingCpp(file, name, options);
    case 'cpp':
      return planCpp(file, name);
    case 'dy2static':
      return planDy2Static(file, name);
  }
}
