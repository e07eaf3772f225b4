import type { CppFile } from './tipc-forms/cpp.js';
import type { Dy2StaticFile } from './tipc-forms/dy2static.js';
import type { Paddle2OnnxFile } from './tipc-forms/paddle2onnx.js';
import type { PtqFile } from './tipc-forms/ptq.js';
import type { ServingCppFile } from './tipc-forms/serving-cpp.js';
import type { ServingPythonFile } from './tipc-forms/serving-python.js';
import type { TrainInferFile } from './tipc-train-infer-file.js';

/** A TIPC text file of any form; `form` tells which. */
export type TipcFile =
  | TrainInferFile
  | Paddle2OnnxFile
  | PtqFile
  | ServingPythonFile
  | ServingCppFile
  | CppFile
  | Dy2StaticFile;
