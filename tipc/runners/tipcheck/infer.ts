import type { TipcStep } from '../../plan/plan.js';
import { changeMasks, quietly } from '../../steps/changes.js';
import { judgedImages } from '../../steps/list-judged-images.js';
import type { Command, ScriptContext } from '../../steps/script-context.js';
import { renderForTipcheck } from './render-for-tipcheck.js';

/** `deploy/python/infer.py` → `tipcheck infer`. */
export function translateInfer({ request, row, resultsFolder }: TipcStep, context: ScriptContext): Command {
  const { tensorRt, precision, mkldnn } = row;
  if (tensorRt === 'True') return { lack: 'tensorrt', reason: 'the row runs in TensorRT, which tipcheck does not use' };
  if (precision === 'fp16')
    return { lack: 'fp16', reason: 'the row infers in half precision, and tipcheck infers in float32' };
  if (precision === 'int8')
    return { lack: 'int8', reason: 'the row infers in eight bits, and tipcheck infers in float32' };
  const masks = changeMasks(context.folder, resultsFolder);
  const changes = [...quietly({ '--device': null, '--save_log_path': null }), masks];
  const notes =
    mkldnn === 'True'
      ? ['--enable_mkldnn True asks for oneDNN; the engine of this step computed, by its own kernels']
      : [];
  return { ...renderForTipcheck(['infer'], request, changes, addedToInference(context)), notes };
}

/** Where it runs, and what it keeps for the judge. */
export function addedToInference({ port, device, record }: ScriptContext): readonly string[] {
  return ['--port', port, '--device', device, '--json', record, '--keep_logits', String(judgedImages)];
}
