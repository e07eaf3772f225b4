import type { TipcStep } from '../../plan/plan.js';
import { changeIterations, pretrainedDeviation, quietly } from '../../steps/changes.js';
import type { Command, ScriptContext } from '../../steps/script-context.js';
import { renderForTipcheck } from './render-for-tipcheck.js';

/** `tools/train.py` → `tipcheck train`, on several devices `tipcheck launch … train`. */
export function translateTrain({ request, row }: TipcStep, context: ScriptContext): Command {
  const { options, config, device, record, port } = context;
  const { iters, pretrained } = options;
  if (request.value('--precision') === 'fp16' || ['fp16', 'amp'].includes(row.autocast ?? ''))
    return { lack: 'fp16', reason: 'the row trains in half precision, and tipcheck trains in float32' };
  if (request.has('--profiler_options'))
    return {
      lack: 'profiler',
      reason: 'the row runs a profiler, and tipcheck has none; the row after it times training',
    };
  const { ranks } = row;
  const gpus = device === 'gpu' && row.gpu !== null ? ['--gpus', row.gpu] : [];
  const launch = ranks === 1 ? [] : ['launch', '--nproc', String(ranks), ...gpus];
  const changes = [...quietly({ '--device': null, '--config': config.path }), ...changeIterations(request, iters)];
  if (pretrained !== null)
    changes.push({ option: '--pretrained', to: [pretrained], deviation: pretrainedDeviation(pretrained) });
  const added = ['--port', port, '--device', device, '--json', record];
  return renderForTipcheck([...launch, 'train'], request, changes, added);
}
