import type { TrainInferFile } from '../text/train-infer-file.js';
import type { CppFile } from './cpp.js';
import type { Dy2StaticFile } from './dy2static.js';
import type { Paddle2OnnxFile } from './paddle2onnx.js';
import type { PtqFile } from './ptq.js';
import type { ServingCppFile } from './serving-cpp.js';
import type { ServingPythonFile } from './serving-python.js';

/** A TIPC text file of any form; `form` tells which. */
export type TipcFile =
  | TrainInferFile
  | Paddle2OnnxFile
  | PtqFile
  | ServingPythonFile
  | ServingCppFile
  | CppFile
  | Dy2StaticFile;

/** The forms of TIPC's text files. */
export type TipcForm = TipcFile['form'];
