import type { TipcStep } from '../../plan/plan.js';
import { judgedImages } from '../../steps/list-judged-images.js';
import { withOption, withoutOption } from '../../steps/options.js';
import type { Command, ScriptContext } from '../../steps/script-context.js';

/** `deploy/python/infer.py` → `tipcheck infer`. */
export function translateInfer(step: TipcStep, { device, port, record, folder }: ScriptContext): Command {
  const { tensorRt, precision, mkldnn } = step.row;
  if (tensorRt === 'True') return { lack: 'tensorrt', reason: 'the row runs in TensorRT, which tipcheck does not use' };
  if (precision === 'fp16')
    return { lack: 'fp16', reason: 'the row infers in half precision, and tipcheck infers in float32' };
  if (precision === 'int8')
    return { lack: 'int8', reason: 'the row infers in eight bits, and tipcheck infers in float32' };
  const words = withoutOption(withoutOption(step.argv, '--device'), '--save_log_path');
  const args = withOption(words, '--save_dir', folder);
  return {
    args: [
      ...['infer', ...args, '--port', port, '--device', device],
      ...['--json', record, '--keep_logits', String(judgedImages)],
    ],
    deviations: [],
    notes: [
      ...(step.resultsFolder === null
        ? [`masks lie in ${folder}; TIPC's command names no folder, so that those of all runs would be in ./output`]
        : []),
      ...(mkldnn === 'True'
        ? ['--enable_mkldnn True asks for oneDNN; the engine of this step computed, by its own kernels']
        : []),
    ],
  };
}
