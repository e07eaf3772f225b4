import { cannot } from '../../harness/support/errors.js';
import { isTitle, type TipcLine } from '../text/lines.js';
import { readPositions, validateFrame } from '../text/read-train-infer.js';
import type { TrainInferFile } from '../text/train-infer-file.js';

/**
 * Parses the form train_infer: lines by position, then optional sections by title.
 *
 * Source: test_tipc/test_train_inference_python.sh and common_func.sh of PaddleSeg.
 * Differs: what the scripts would take in silence and get wrong (a line too few or too many, a value of the wrong kind,
 * a second colon) is a UserError that names file and line.
 */
export function parseTrainInfer(lines: readonly TipcLine[], path: string): TrainInferFile {
  validateFrame(lines, neededPosition, path);
  validateInferKeys(lines, path);
  return readPositions(lines, neededPosition, path);
}

/**
 * The last position that tells inference what to do. What may follow are an unused line, the benchmark flag and two
 * free arguments.
 */
const neededPosition = 48;

/** Where the keys of inference stand in files of PaddleSeg; other keys are the file's own business. */
const inferKeys: ReadonlyMap<string, readonly number[]> = new Map([
  ['--device', [41]],
  ['--enable_mkldnn', [42]],
  ['--cpu_threads', [43]],
  ['--batch_size', [44]],
  ['--use_trt', [45]],
  ['--precision', [46]],
  ['--config', [47]],
  ['--image_path', [48]],
  ['--save_log_path', [49]],
  ['--benchmark', [50]],
  ['--save_dir', [51]],
  ['--model_name', [51, 52]],
]);

/** A line too few or too many: the scripts would hand the next line's value to this one's argument. */
function validateInferKeys(lines: readonly TipcLine[], path: string): void {
  for (const line of lines.slice(40, 52)) {
    if (isTitle(line.text)) return;
    const own = inferKeys.get(line.key);
    if (own === undefined || own.includes(line.position)) continue;
    throw cannot(
      'read',
      `${path}:${line.line}`,
      `position ${line.position} holds ${JSON.stringify(line.text)}`,
      `${line.key} is wanted at ${own.join(' or ')}, for lines count by position`,
    );
  }
}
