import { UserError } from '../../harness/support/errors.js';
import { planBenchmark } from '../plan/benchmark.js';
import type { TipcPlan, TipcPlanOptions } from '../plan/plan.js';
import { planTrainInfer } from '../plan/train-infer.js';
import { parseMode } from '../text/modes.js';
import { planCpp } from './cpp.js';
import { planDy2Static } from './dy2static.js';
import type { TipcFile } from './form.js';
import { validateFormMode } from './form-modes.js';
import { planPaddle2Onnx } from './paddle2onnx.js';
import { planPtq } from './ptq.js';
import { planServingCpp } from './serving-cpp.js';
import { planServingPython } from './serving-python.js';

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
